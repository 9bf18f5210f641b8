// What each node did and when. Colour says the result, and so does the shape: what failed is the highest and crossed out,
// what goes on has an open end, preparation and release lie low.

import { make } from "./dom.js";
import { colour, explorable, sized } from "./canvas.js";
import { TASKS } from "./states.js";
import { clock, span } from "./times.js";

const LANE = 16;
const HEAD = 22;
const NAMES = 130;
const HEIGHT = { success: 11, failure: 15, running: 11, preparation: 6, release: 6 };

export function swimlane() {
  const canvas = make("canvas", {
    id: "swimlane", role: "application",
    "aria-label": "What each node did and when; left and right go from task to task, up and down from node to node",
  });
  let rows = [];
  let bars = [];
  let range = [0, 1];
  let lanes = 0;
  let before;

  function place(bar, width) {
    const across = (moment) => NAMES + ((moment - range[0]) / (range[1] - range[0])) * (width - NAMES - 8);
    const left = across(bar.start);
    const height = HEIGHT[bar.what];
    const wide = Math.max(3, across(bar.end ?? range[1]) - left);
    return { x: left, y: HEAD + bar.lane * LANE + (LANE - height) / 2, wide, height };
  }

  function draw(chosen) {
    const begin = performance.now();
    const { context, width } = sized(canvas, HEAD + Math.max(1, lanes) * LANE + 4);
    context.font = "11px sans-serif";
    context.textBaseline = "middle";
    axis(context, width);
    names(context, width);
    bars.forEach((bar) => paint(context, bar, place(bar, width)));
    if (chosen >= 0 && bars[chosen]) {
      const { x, y, wide, height } = place(bars[chosen], width);
      context.lineWidth = 2.5;
      context.strokeStyle = colour("--ink");
      context.strokeRect(x - 1, y - 1, wide + 2, height + 2);
    }
    canvas.dataset.drawn = (performance.now() - begin).toFixed(1);
  }

  function axis(context, width) {
    const steps = Math.max(1, Math.min(Math.floor((width - NAMES) / 140), Math.floor(range[1] - range[0]))); // no second twice
    context.strokeStyle = colour("--line");
    context.fillStyle = colour("--soft");
    context.lineWidth = 1;
    for (let step = 0; step <= steps; step += 1) {
      const x = NAMES + (step / steps) * (width - NAMES - 8);
      context.textAlign = step === steps ? "right" : "left";
      context.fillText(clock(range[0] + (step / steps) * (range[1] - range[0]), range[1] - range[0] > 86400), x + (step === steps ? 0 : 3), HEAD / 2);
      context.beginPath();
      context.moveTo(x, HEAD);
      context.lineTo(x, HEAD + lanes * LANE);
      context.stroke();
    }
  }

  function names(context, width) {
    context.textAlign = "left";
    let lane = 0;
    for (const row of rows) {
      const y = HEAD + lane * LANE;
      context.fillStyle = colour("--ink");
      context.fillText(row.node.length > 20 ? `${row.node.slice(0, 9)}…${row.node.slice(-9)}` : row.node, 4, y + LANE / 2, NAMES - 10);
      context.fillStyle = colour("--line");
      context.fillRect(0, y, width, 1);
      lane += row.lanes;
    }
  }

  // Up and down: the bar of another lane that begins closest to this one.
  function beside(from, step) {
    const here = bars[from];
    if (!here) return from;
    for (let lane = here.lane + step; lane >= 0 && lane < lanes; lane += step) {
      const there = bars.map((bar, index) => ({ bar, index })).filter(({ bar }) => bar.lane === lane);
      there.sort((a, b) => Math.abs(a.bar.start - here.start) - Math.abs(b.bar.start - here.start));
      if (there.length) return there[0].index;
    }
    return from;
  }

  function moved(key, from) {
    const last = bars.length - 1;
    if (key === "ArrowUp" || key === "ArrowDown") return beside(from, key === "ArrowUp" ? -1 : 1);
    const steps = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last };
    if (!(key in steps)) return undefined;
    return steps[key] >= 0 && steps[key] <= last ? steps[key] : from;
  }

  function at(x, y) {
    return bars.findLastIndex((bar) => {
      const box = place(bar, Math.max(200, canvas.clientWidth));
      return x >= box.x - 1 && x <= box.x + box.wide + 1 && y >= box.y - 2 && y <= box.y + box.height + 2;
    });
  }

  function text(index) {
    const bar = bars[index];
    const until = bar.end === null ? "still running" : clock(bar.end);
    const took = bar.end === null ? "" : ` (${span(bar.end - bar.start)})`;
    const what = bar.label === bar.what ? "" : `${bar.what}, `;
    return `${bar.label} on ${bar.node}: ${what}${clock(bar.start)} to ${until}${took}`;
  }

  function goesOn() {
    return bars.some((bar) => bar.end === null);
  }

  const explored = explorable(canvas, "Arrow keys or the mouse tell of single tasks.", { draw, at, moved, text });
  return {
    root: explored.root,
    show(timeline) {
      if (timeline === before && !goesOn()) return;
      before = timeline;
      rows = timeline.rows;
      [bars, lanes] = laid(rows);
      range = [timeline.begin, Math.max(timeline.end, goesOn() ? Date.now() / 1000 : 0, timeline.begin + 1)];
      explored.fresh(bars.length);
    },
  };
}

function laid(rows) {
  const bars = [];
  let lanes = 0;
  for (const row of rows) {
    for (const [start, end, what, label, lane] of row.bars) bars.push({ node: row.node, start, end, what, label, lane: lanes + lane });
    lanes += row.lanes;
  }
  return [bars.sort((a, b) => a.lane - b.lane || a.start - b.start), lanes];
}

function paint(context, bar, { x, y, wide, height }) {
  const [back, ink, letter] = TASKS[bar.what];
  context.fillStyle = back;
  context.fillRect(x, y, wide, height);
  context.fillStyle = context.strokeStyle = ink;
  if (bar.what === "failure") {
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + Math.min(wide, height), y + height);
    context.stroke();
  }
  if (bar.end === null) {
    context.clearRect(x + wide - 4, y + 3, 4, height - 6);
  }
  if (wide > 14 && height > 8) {
    context.textAlign = "center";
    context.fillText(letter, x + wide / 2, y + height / 2 + 0.5);
  }
}
