// One job: progress, why it waits, what each node did and when, preparation and release, the tasks that failed.

import { command, link, make, section, table, told } from "./dom.js";
import { CALLED, COUNTS, swatch, TASKS } from "./states.js";
import { swimlane } from "./swimlane.js";
import { since } from "./times.js";

export function job(name) {
  const head = section();
  const timeline = section();
  const lanes = swimlane();
  const nodes = section();
  const failures = section();
  const end = section();
  return {
    root: make("div", {}, head.place, timeline.place, lanes.root, failures.place, nodes.place, end.place),
    questions: () => [[`job/${encodeURIComponent(name)}`, (data) => {
      const { timeline: times, nodes: records, failures: failed, commands, ...rest } = data;
      head.fill(rest, heading);
      timeline.fill([times.rows.length, times.nodesTotal, times.binned], () => legend(times));
      lanes.root.hidden = times.rows.length === 0;
      lanes.show(times);
      failures.fill([failed, data.failuresTotal, data.causes], () => failedTasks(data));
      nodes.fill([records, data.nodesTotal], () => onNodes(data));
      end.fill(commands, (lines) => lines.map(command));
    }]],
  };
}

function heading(data) {
  return [
    make("h1", {}, data.heading),
    make("p", { className: "soft" }, "pool ", data.pool ? link("pool", data.pool) : "-", `, priority ${data.priority}, `,
      ...(data.started ? [data.ended ? "took " : "for ", since(data.started, data.ended)] : ["not started"])),
    progress(data),
    told(data.why),
    ...data.also.map((text) => make("p", { className: "soft" }, `also: ${text}`)),
  ];
}

function progress(data) {
  const numbers = Object.entries(COUNTS).map(([word, look]) => [word, data.counts[word] || 0, look]).filter(([, number]) => number);
  const bar = make("div", { className: "progress", role: "img", "aria-label": data.progress });
  for (const [word, number, [back]] of numbers) {
    const part = make("span", { title: `${number} ${CALLED[word] || word}` });
    part.style.flexGrow = number;
    part.style.background = back;
    bar.append(part);
  }
  const said = numbers.map(([word, number, look]) => make("span", {}, swatch(look), `${number} ${CALLED[word] || word}`));
  return make("div", {}, make("p", {}, data.progress), bar, make("div", { className: "counts" }, ...said));
}

function legend(times) {
  if (!times.rows.length) {
    return [make("h2", {}, "Timeline"), make("p", { className: "soft" }, "No task has begun whose times are kept; of a range's tasks they are not.")];
  }
  const some = times.nodesTotal > times.rows.length ? `; ${times.rows.length} of ${times.nodesTotal} nodes, those with failures first` : "";
  const binned = times.binned ? "; so many tasks that each moment shows the worst that happened then" : "";
  const looks = Object.entries(TASKS).map(([word, look]) => make("span", {}, swatch(look), word));
  return [make("h2", {}, "Timeline"), make("div", { className: "counts" }, ...looks), make("p", { className: "soft" }, `UTC${some}${binned}`)];
}

const FAILED = [
  ["Task", (each) => each.task],
  ["Node", (each) => each.node],
  ["Code", (each) => each.code],
  ["Exit code", (each) => each.exitCode, true],
  ["Message", (each) => each.message],
  ["Output", (each) => command(each.command)],
];

function failedTasks(data) {
  if (!data.failures.length) return null;
  const cut = data.failuresTotal > data.failures.length ? `, of which ${data.failures.length} are shown` : "";
  return [make("h2", {}, `Failed tasks: ${data.failuresTotal}${cut}`), ...data.causes.map((text) => make("p", {}, text)), table(FAILED, data.failures)];
}

function step(found) {
  if (!found.state) return "";
  const exit = found.exitCode === null || found.exitCode === undefined ? "" : `, exit code ${found.exitCode}`;
  const again = found.retries ? `, ${found.retries} retries` : "";
  return [`${found.state}${exit}${again}, `, since(found.start, found.end)];
}

const ON_NODES = [
  ["Node", (each) => each.node],
  ["Preparation", (each) => step(each.preparation)],
  ["Tasks started", (each) => (each.tasksStarted ? "yes" : "no")],
  ["Release", (each) => step(each.release)],
  ["Wipe", (each) => each.wipe],
  ["Output", (each) => command(each.command)],
];

function onNodes(data) {
  if (!data.nodes.length) return null;
  const cut = data.nodesTotal > data.nodes.length ? `, of which ${data.nodes.length} are shown` : "";
  return [make("h2", {}, `Preparation and release: ${data.nodesTotal} nodes${cut}`), table(ON_NODES, data.nodes)];
}
