// What both pictures share: a canvas as sharp as the screen, a tip under the mouse, a choice by keyboard that is read aloud.

import { make } from "./dom.js";

const TALLEST = 32000; // Firefox draws nothing on what has more pixels

// A view that is gone must not be kept by what listens for it.
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
  document.querySelectorAll("canvas").forEach((canvas) => canvas.dispatchEvent(new Event("recolour"))));

export function sized(canvas, height) {
  const scale = Math.min(window.devicePixelRatio || 1, TALLEST / height);
  const width = Math.max(200, canvas.clientWidth);
  canvas.style.height = `${height}px`;
  if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
  }
  const context = canvas.getContext("2d");
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width };
}

export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

// `picture`: at(x, y) and moved(key, from) give an index or -1, text(index) what is said of it, draw(chosen) shows it.
export function explorable(canvas, hint, picture) {
  const tip = make("div", { className: "tip", hidden: true, "aria-hidden": "true" });
  const said = make("output", { "aria-live": "polite" }, hint);
  let chosen = -1;

  function choose(index) {
    chosen = index;
    const text = index < 0 ? hint : picture.text(index);
    if (said.textContent !== text) said.textContent = text; // what is the same is not read aloud again
    picture.draw(chosen);
  }

  canvas.addEventListener("mousemove", (event) => {
    const index = picture.at(event.offsetX, event.offsetY);
    tip.hidden = index < 0;
    if (index < 0) return;
    tip.textContent = picture.text(index);
    tip.style.left = `${Math.min(event.clientX + 14, window.innerWidth - 260)}px`;
    tip.style.top = `${event.clientY + 14}px`;
  });
  canvas.addEventListener("mouseleave", () => { tip.hidden = true; });
  canvas.addEventListener("click", (event) => choose(picture.at(event.offsetX, event.offsetY)));
  canvas.addEventListener("focus", () => { if (chosen < 0 && canvas.matches(":focus-visible")) choose(picture.moved("Home", -1)); });
  canvas.addEventListener("keydown", (event) => {
    const index = event.key === "Escape" ? -1 : picture.moved(event.key, chosen);
    if (index === undefined) return;
    event.preventDefault();
    choose(index);
  });
  new ResizeObserver(() => picture.draw(chosen)).observe(canvas);
  canvas.addEventListener("recolour", () => picture.draw(chosen));
  canvas.tabIndex = 0;
  return {
    root: make("div", {}, canvas, said, tip),
    fresh(size) {
      choose(chosen < size ? chosen : -1);
    },
  };
}
