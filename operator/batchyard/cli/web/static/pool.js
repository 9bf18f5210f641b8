// One pool: why it is as it is, its nodes as a heat map, and a legend that chooses among them.

import { command, make, section, told } from "./dom.js";
import { heatMap } from "./heatmap.js";
import { NODES, swatch } from "./states.js";

export function pool(name) {
  const head = section();
  const map = heatMap();
  const legend = legendOf((hidden) => map.hide(hidden));
  const end = section();
  let before;
  return {
    root: make("div", {}, head.place, legend.root, map.root, end.place),
    questions: () => [[`pool/${encodeURIComponent(name)}`, (data) => {
      const { nodes, commands, ...rest } = data;
      head.fill(rest, heading);
      legend.show(data.states);
      if (data !== before) map.show(data);
      before = data;
      end.fill(commands, (lines) => lines.map(command));
    }]],
  };
}

function heading(data) {
  const cut = data.total > 50000 ? `, of which 50000 are shown` : "";
  return [make("h1", {}, data.heading), told(data.why), make("h2", {}, `Nodes: ${data.total}${cut}`)];
}

function legendOf(changed) {
  const root = make("div", { className: "legend", role: "group", "aria-label": "States of nodes; a button hides one" });
  const buttons = new Map();
  const hidden = new Set();

  function button(state) {
    const count = make("span");
    const made = make("button", { type: "button", "aria-pressed": "true" }, swatch(NODES[state]), count);
    made.addEventListener("click", () => {
      if (!hidden.delete(state)) hidden.add(state);
      made.setAttribute("aria-pressed", String(!hidden.has(state)));
      changed(hidden);
    });
    root.append(made);
    return { made, count };
  }

  return {
    root,
    show(states) {
      for (const state of Object.keys(NODES)) {
        if (states[state] && !buttons.has(state)) buttons.set(state, button(state));
        if (buttons.has(state)) buttons.get(state).count.textContent = `${state} ${states[state] || 0}`;
      }
    },
  };
}
