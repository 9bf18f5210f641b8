// The nodes of a pool as squares: colour and letter say the state, the bar below how many of its slots are taken.

import { make } from "./dom.js";
import { colour, explorable, sized } from "./canvas.js";
import { NODES } from "./states.js";

const LEAST = 11;
const MOST = 44;
const AREA = 500;

export function heatMap() {
  const canvas = make("canvas", {
    id: "heatmap", role: "application",
    "aria-label": "Heat map of the pool's nodes; arrow keys go from node to node",
  });
  let nodes = { name: [], state: [], tasks: [], slots: [], more: {} };
  let slotsPerNode = 1;
  let hidden = new Set();
  let cell = LEAST;
  let columns = 1;

  function draw(chosen) {
    const begin = performance.now();
    const count = nodes.name.length;
    const wide = Math.max(200, canvas.clientWidth);
    cell = Math.min(MOST, Math.max(LEAST, Math.floor(Math.sqrt((wide * AREA) / Math.max(1, count)))));
    columns = Math.max(1, Math.floor(wide / cell));
    const { context } = sized(canvas, Math.max(1, Math.ceil(count / columns)) * cell);
    const tiles = tilesOf(cell);
    for (let index = 0; index < count; index += 1) {
      const [x, y] = corner(index);
      const state = nodes.state[index];
      context.globalAlpha = hidden.has(state) ? 0.12 : 1;
      context.drawImage(tiles[state], x, y, cell, cell);
      if (nodes.slots[index]) {
        context.fillStyle = NODES[state][1];
        const part = Math.min(1, nodes.slots[index] / slotsPerNode);
        context.fillRect(x + 2, y + cell - 4, (cell - 5) * part, 2);
      }
    }
    context.globalAlpha = 1;
    if (chosen >= 0) outline(context, chosen);
    canvas.dataset.drawn = (performance.now() - begin).toFixed(1);
  }

  function outline(context, index) {
    const [x, y] = corner(index);
    for (const [width, ink] of [[5, "--back"], [2.5, "--ink"]]) {
      context.lineWidth = width;
      context.strokeStyle = colour(ink);
      context.strokeRect(x - 0.5, y - 0.5, cell, cell);
    }
  }

  function corner(index) {
    return [(index % columns) * cell, Math.floor(index / columns) * cell];
  }

  function at(x, y) {
    const column = Math.floor(x / cell);
    const index = Math.floor(y / cell) * columns + column;
    return column < columns && index < nodes.name.length ? index : -1;
  }

  function moved(key, from) {
    const last = nodes.name.length - 1;
    const steps = { ArrowLeft: from - 1, ArrowRight: from + 1, ArrowUp: from - columns, ArrowDown: from + columns, Home: 0, End: last };
    if (!(key in steps)) return undefined;
    return steps[key] >= 0 && steps[key] <= last ? steps[key] : from;
  }

  function text(index) {
    const [tasks, slots] = [nodes.tasks[index], nodes.slots[index]];
    const more = Object.entries(nodes.more[index] || {}).map(([word, value]) => `, ${word}: ${value}`).join("");
    return `${nodes.name[index]}: ${nodes.state[index]}, ${tasks} ${tasks === 1 ? "task" : "tasks"} on ${slots} of ${slotsPerNode} slots${more}`;
  }

  const explored = explorable(canvas, "Arrow keys or the mouse tell of single nodes.", { draw, at, moved, text });
  return {
    root: explored.root,
    show(pool) {
      nodes = pool.nodes;
      slotsPerNode = pool.slotsPerNode;
      explored.fresh(nodes.name.length);
    },
    hide(states) {
      hidden = states;
      explored.fresh(nodes.name.length);
    },
  };
}

// Each state is painted once and stamped ten thousand times.
function tilesOf(cell) {
  const scale = window.devicePixelRatio || 1;
  return Object.fromEntries(Object.entries(NODES).map(([state, [back, ink, letter]]) => {
    const tile = document.createElement("canvas");
    tile.width = tile.height = Math.round(cell * scale);
    const context = tile.getContext("2d");
    context.scale(scale, scale);
    context.fillStyle = back;
    context.fillRect(0, 0, cell - 1, cell - 1);
    context.fillStyle = ink;
    context.font = `bold ${Math.max(7, Math.floor(cell * 0.55))}px sans-serif`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(letter, (cell - 1) / 2, (cell - 2) / 2);
    return [state, tile];
  }));
}
