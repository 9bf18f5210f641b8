// Makes elements. All text goes in as text: nothing that comes from the cluster is ever read as markup.

export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter((child) => child !== "" && child !== null && child !== undefined));
  return element;
}

export function link(kind, name) {
  return make("a", { href: `#/${kind}/${encodeURIComponent(name)}` }, name);
}

// Columns: [header, cell of a row, is it a number?]
export function table(columns, rows) {
  const head = columns.map(([header, , number]) => make("th", { scope: "col", className: number ? "number" : "" }, header));
  const body = rows.map((row) =>
    make("tr", {}, ...columns.map(([, cell, number]) => make("td", { className: number ? "number" : "" }, ...[cell(row)].flat().map(orDash)))));
  return make("table", {}, make("thead", {}, make("tr", {}, ...head)), make("tbody", {}, ...body));
}

function orDash(value) {
  return value === "" || value === null || value === undefined ? "-" : value instanceof Node ? value : String(value);
}

export function told(why, className = "why") {
  return make("div", { className },
    make("p", {}, make("span", { className: "reason" }, why.reason), why.message ? `: ${why.message}` : ""),
    why.next ? make("p", {}, `next: ${why.next}`) : "");
}

// Where the browser lets nobody write into the clipboard the command is at least selected.
export function command(text) {
  const button = make("button", { type: "button", "aria-label": `copy ${text}` }, "copy");
  const code = make("code", {}, text);
  button.addEventListener("click", async () => {
    getSelection().selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "copied";
    } catch {
      button.textContent = "selected";
    }
  });
  return make("div", { className: "command" }, button, code);
}

// Puts new content where it differs in its data only, so that nothing moves or loses the focus while nothing happens.
export function section() {
  const place = make("section");
  let before;
  return {
    place,
    fill(data, content) {
      const now = JSON.stringify(data);
      if (now === before) return;
      before = now;
      place.replaceChildren(...[content(data)].flat().filter(Boolean));
    },
  };
}
