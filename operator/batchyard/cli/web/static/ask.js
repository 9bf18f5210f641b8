// Asks the program that serves this page. What has not changed is not sent again.

const known = new Map();

export class Refusal extends Error {}

// `changed` is false when the answer is the one we had.
export async function ask(question) {
  const before = known.get(question);
  const headers = before ? { "If-None-Match": before.tag } : {};
  let answer;
  try {
    answer = await fetch(`api/${question}`, { headers });
  } catch {
    throw new Refusal("`batchyard ui` does not answer: it has ended, or its connection is cut");
  }
  if (answer.status === 304) return { data: before.data, changed: false };
  const data = await answer.json();
  if (!answer.ok) throw new Refusal([data.error, data.hint].filter(Boolean).join("; "));
  if (known.size > 20) known.clear();
  known.set(question, { tag: answer.headers.get("ETag"), data });
  return { data, changed: true };
}
