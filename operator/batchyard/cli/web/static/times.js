// Moments and spans for people, as the command line writes them; times are UTC.

export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole < 120) return `${whole}s`;
  if (whole < 600) return two(whole, 60, "m", 1, "s");
  if (whole < 10800) return `${Math.floor(whole / 60)}m`;
  if (whole < 28800) return two(whole, 3600, "h", 60, "m");
  if (whole < 172800) return `${Math.floor(whole / 3600)}h`;
  return whole < 691200 ? two(whole, 86400, "d", 3600, "h") : `${Math.floor(whole / 86400)}d`;
}

function two(whole, large, largeWord, small, smallWord) {
  const rest = Math.floor((whole % large) / small);
  return `${Math.floor(whole / large)}${largeWord}${rest ? `${rest}${smallWord}` : ""}`;
}

// With the day where there are several.
export function clock(seconds, days = false) {
  const text = new Date(seconds * 1000).toISOString();
  return days ? text.slice(5, 16).replace("T", " ") : text.slice(11, 19);
}

// An element that goes on counting until `end`.
export function since(start, end = "") {
  const element = document.createElement("time");
  if (!start) return element;
  element.dateTime = start;
  element.title = end ? `${start} to ${end}` : `since ${start}`;
  if (end) element.textContent = span((Date.parse(end) - Date.parse(start)) / 1000);
  else element.dataset.since = start;
  count(element);
  return element;
}

export function countAll() {
  for (const element of document.querySelectorAll("time[data-since]")) count(element);
}

function count(element) {
  if (element.dataset.since) element.textContent = span((Date.now() - Date.parse(element.dataset.since)) / 1000);
}
