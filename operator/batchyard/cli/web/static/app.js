// Chooses the view that the address names, and keeps it fresh while somebody looks at it.

import { ask, Refusal } from "./ask.js";
import { countAll } from "./times.js";
import { overview } from "./overview.js";
import { pool } from "./pool.js";
import { job } from "./job.js";

const SECONDS = 2;
const VIEWS = { "": overview, pool, job };
const place = (id) => document.getElementById(id);

let shown = { key: null, view: null };
let timer = 0;
let turn = 0;

// #/job/NAME, #/pool/NAME, #/?text=...&state=...
function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [kind, name = ""] = path.split("/");
  return { kind: Object.hasOwn(VIEWS, kind) ? kind : "", name: decoded(name), query };
}

function decoded(word) {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

function go() {
  const { kind, name, query } = route();
  const key = `${kind}/${name}`;
  if (shown.key !== key) {
    shown = { key, view: VIEWS[kind](name) };
    place("view").replaceChildren(shown.view.root);
    document.title = name ? `${kind} ${name} - Batchyard` : "Batchyard";
  }
  shown.view.query?.(query);
  refresh();
}

async function refresh() {
  const mine = ++turn;
  clearTimeout(timer);
  try {
    await fill(mine, shown.view);
  } finally {
    if (mine === turn && !document.hidden) timer = setTimeout(refresh, SECONDS * 1000);
  }
}

async function fill(mine, view) {
  const troubles = [];
  const moments = [];
  for (const [question, show] of view.questions()) {
    try {
      const { data, asOf } = await ask(question);
      if (mine !== turn) return;
      moments.push(asOf);
      show(data);
      if (data.namespace) place("place").textContent = `namespace ${data.namespace}`;
    } catch (trouble) {
      if (mine !== turn) return;
      if (!(trouble instanceof Refusal)) {
        tell([`this page has a fault: ${trouble}`]);
        throw trouble;
      }
      troubles.push(trouble.message);
    }
  }
  tell(troubles);
  if (!troubles.length) place("fresh").textContent = `as of ${moments.sort()[0].slice(11, 19)} UTC`;
}

function tell(troubles) {
  const text = [...new Set(troubles)].join("; ");
  place("problem").hidden = !text;
  if (place("problem").textContent !== text) place("problem").textContent = text;
}

addEventListener("hashchange", go);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
setInterval(countAll, 1000);
go();
