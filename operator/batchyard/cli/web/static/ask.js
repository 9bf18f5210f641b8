// Asks the program that serves this page. What has not changed is not sent again.

const known = new Map();

export class Refusal extends Error {}

// The same data when nothing has changed, and of when it is. Whatever goes wrong is a Refusal, to be said on the page.
export async function ask(question) {
  const before = known.get(question);
  const headers = before ? { "If-None-Match": before.tag } : {};
  let answer;
  let data;
  try {
    answer = await fetch(`api/${question}`, { headers });
    data = answer.status === 304 ? before.data : await answer.json();
  } catch {
    throw new Refusal("`batchyard ui` does not answer here: it has ended or was started anew, or its connection is cut");
  }
  const asOf = answer.headers.get("As-Of");
  if (answer.status === 304) return { data, asOf };
  if (!answer.ok) throw new Refusal([data.error, data.hint].filter(Boolean).join("; "));
  if (known.size > 20) known.clear();
  known.set(question, { tag: answer.headers.get("ETag"), data });
  return { data, asOf };
}
