// Pools, what needs a person, and the table of jobs, whose filter stands in the address.

import { link, make, section, table, told } from "./dom.js";
import { since } from "./times.js";
import { CALLED, COUNTS, NODES, swatch } from "./states.js";

export function overview() {
  const attention = section();
  const pools = section();
  const jobs = section();
  const called = { pool: [], job: [] };
  const filter = filters();
  let query = "";

  function call(kind, found) {
    called[kind] = found;
    attention.fill([...called.pool, ...called.job], calls);
  }

  return {
    root: make("div", {}, attention.place, make("h2", {}, "Pools"), pools.place, make("h2", {}, "Jobs"), filter.root, jobs.place),
    query(text) {
      query = text;
      filter.set(new URLSearchParams(text));
    },
    questions: () => [
      ["pools", (data) => {
        pools.fill(data.pools, poolTable);
        filter.pools(data.pools.map((each) => each.name));
        call("pool", data.attention);
      }],
      [query ? `jobs?${query}` : "jobs", (data) => {
        filter.states(Object.keys(data.states));
        jobs.fill(data, (found) => jobTable(found, filter));
        call("job", data.attention);
      }],
    ],
  };
}

function calls(found) {
  if (!found.length) return make("p", { className: "soft" }, "Nothing needs a person.");
  const each = found.map((one) => make("div", { className: "call" }, link(one.kind, one.name), ` (${one.kind})`, told(one, "")));
  return [make("h2", {}, `Needs a person: ${found.length}`), ...each];
}

function counts(found, words) {
  return Object.entries(found).filter(([word, number]) => number && Object.hasOwn(words, word))
    .map(([word, number]) => make("span", { title: CALLED[word] || word }, swatch(words[word]), `${number} ${CALLED[word] || word} `));
}

const POOL_COLUMNS = [
  ["Pool", (each) => link("pool", each.name)],
  ["State", (each) => [each.state, each.allocation].filter(Boolean).join(", ")],
  ["Dedicated", (each) => each.dedicated.join(" of "), true],
  ["Low priority", (each) => each.lowPriority.join(" of "), true],
  ["Slots per node", (each) => each.slotsPerNode, true],
  ["Nodes", (each) => counts(each.counts, NODES)],
];

function poolTable(found) {
  return found.length ? table(POOL_COLUMNS, found) : make("p", { className: "soft" }, "There are no pools in this namespace.");
}

const JOB_COLUMNS = [
  ["Job", (each) => link("job", each.name)],
  ["State", (each) => each.state],
  ["Pool", (each) => (each.pool ? link("pool", each.pool) : "")],
  ["Priority", (each) => each.priority, true],
  ["Done", (each) => `${each.counts.completed || 0}/${each.total}`, true],
  ["Tasks", (each) => counts(each.counts, COUNTS)],
  ["Why", (each) => make("span", { title: [each.why.message, each.why.next].filter(Boolean).join("; ") }, each.why.reason)],
  ["Duration", (each) => since(each.started, each.ended), true],
  ["Age", (each) => since(each.created), true],
];

const GROUP_COLUMNS = [
  ["Group", (each) => (each.by === "reason" || !each.word ? each.word : make("a", { href: `#/?${new URLSearchParams([["group", each.by], [each.by, each.word]])}` }, each.word))],
  ["Jobs", (each) => each.jobs, true],
  ["Need a person", (each) => each.needHuman, true],
  ["Done", (each) => `${each.counts.completed || 0}/${each.total}`, true],
  ["Tasks", (each) => counts(each.counts, COUNTS)],
];

function jobTable(found, filter) {
  if (!found.total) return make("p", { className: "soft" }, "There are no such jobs in this namespace.");
  const first = found.page * found.perPage;
  const turning = (label, page) => {
    const button = make("button", { type: "button", disabled: page < 0 || page * found.perPage >= found.total }, label);
    button.addEventListener("click", () => filter.turn(page));
    return button;
  };
  const pages = make("p", {}, `${first + 1} to ${first + found.jobs.length} of ${found.total} `, turning("earlier", found.page - 1), " ", turning("later", found.page + 1));
  return [found.groups.length ? table(GROUP_COLUMNS, found.groups) : null, table(JOB_COLUMNS, found.jobs), found.total > found.perPage ? pages : null];
}

function filters() {
  const text = make("input", { name: "text", type: "search", placeholder: "name", "aria-label": "part of the name" });
  const state = make("select", { name: "state", "aria-label": "state" });
  const pool = make("select", { name: "pool", "aria-label": "pool" });
  const group = make("select", { name: "group", "aria-label": "groups" },
    ...[["", "no groups"], ...["pool", "state", "reason"].map((word) => [word, `by ${word}`])].map(([value, label]) => make("option", { value }, label)));
  const root = make("form", {}, text, state, pool, group);
  const given = { state: "", pool: "" };

  function address(page = 0) {
    const set = [["text", text.value], ["state", state.value], ["pool", pool.value], ["group", group.value], ["page", page || ""]].filter(([, value]) => value);
    location.hash = set.length ? `#/?${new URLSearchParams(set)}` : "#/";
  }

  function offer(select, any, words) {
    const wanted = given[select.name];
    const all = ["", ...new Set([...words, ...(wanted ? [wanted] : [])])];
    if ([...select.options].map((each) => each.value).join() !== all.join()) {
      select.replaceChildren(...all.map((word) => make("option", { value: word }, word || any)));
    }
    select.value = wanted;
  }

  root.addEventListener("input", () => address());
  root.addEventListener("submit", (event) => event.preventDefault());
  return {
    root,
    turn: address,
    set(query) {
      if (document.activeElement !== text) text.value = query.get("text") || "";
      group.value = query.get("group") || "";
      given.state = query.get("state") || "";
      given.pool = query.get("pool") || "";
      offer(state, "any state", [...state.options].map((each) => each.value).filter(Boolean));
      offer(pool, "any pool", [...pool.options].map((each) => each.value).filter(Boolean));
    },
    states: (words) => offer(state, "any state", words),
    pools: (words) => offer(pool, "any pool", words),
  };
}
