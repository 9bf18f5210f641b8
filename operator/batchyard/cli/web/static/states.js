// Every state as a colour and a letter, so that nobody has to tell colours apart: capitals for trouble. The letters of nodes are those of
// show/node_cells.py; most colours are Okabe and Ito's.

export const NODES = {
  "starttaskfailed": ["#d55e00", "#000000", "F"],
  "unusable": ["#a33b00", "#ffffff", "U"],
  "unknown": ["#e69f00", "#000000", "?"],
  "preempted": ["#cc79a7", "#000000", "P"],
  "offline": ["#6e6e6e", "#ffffff", "O"],
  "running, disabled": ["#7aa6c2", "#000000", "d"],
  "leavingpool": ["#b8b8b8", "#000000", "l"],
  "rebooting": ["#f0e442", "#000000", "b"],
  "reimaging": ["#d8c800", "#000000", "m"],
  "creating": ["#c8e6f5", "#000000", "c"],
  "starting": ["#8fd0f0", "#000000", "s"],
  "waitingforstarttask": ["#56b4e9", "#000000", "w"],
  "running": ["#0072b2", "#ffffff", "r"],
  "idle": ["#009e73", "#000000", "."],
};

export const TASKS = {
  success: ["#009e73", "#000000", "S"],
  failure: ["#d55e00", "#000000", "F"],
  running: ["#0072b2", "#ffffff", "R"],
  preparation: ["#e69f00", "#000000", "P"],
  release: ["#cc79a7", "#000000", "L"],
};

export const COUNTS = {
  succeeded: TASKS.success,
  failed: TASKS.failure,
  running: TASKS.running,
  preparing: TASKS.preparation,
  active: ["#b8b8b8", "#000000", "W"],
};

export const CALLED = { active: "waiting" };

export function swatch([back, ink, letter]) {
  const element = document.createElement("span");
  element.className = "swatch";
  element.style.background = back;
  element.style.color = ink;
  element.textContent = letter;
  return element;
}
