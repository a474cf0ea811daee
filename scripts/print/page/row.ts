import type { Job } from "../spool/job.ts";
import { escape } from "./escape.ts";

/** What a person can do with a job, by the word in its address. */
export const ACTIONS = {
  hold: "Hold",
  release: "Release",
  printed: "It printed",
  cancel: "Cancel",
};
export type Action = keyof typeof ACTIONS;

/** What can be done in each state. */
const POSSIBLE: Readonly<Record<Job["state"], readonly Action[]>> = {
  incoming: ["cancel"],
  pending: ["hold", "cancel"],
  held: ["release", "cancel"],
  processing: ["cancel"],
  "in doubt": ["printed", "release", "cancel"],
  completed: [],
  aborted: [],
  canceled: [],
};

/**
 * One job, as a row of the table. All that comes from a client or a printer is escaped.
 *
 * @param page The query that the agent knows the page by.
 */
export function row(job: Job, secret: string, page: string): string {
  const { id, name, user, state, message, reasons, pages, copies } = job;
  const count = pages === null ? "" : ` · ${pages} ${pages === 1 ? "page" : "pages"}`;
  const size = job.document ? ` · ${sizeOf(job.document.length)}` : "";
  const why = message || reasons.filter((reason) => reason !== "none").join(", ");
  const forms = (job.canceling ? [] : POSSIBLE[state]).map((action) =>
    form(job, action, secret, page)
  );
  const word = job.canceling && state === "processing" ? "canceling" : state;
  return `<tr data-job="${id}" data-state="${state.replace(" ", "-")}">
<th scope="row">${id}</th>
<td data-label="Document">${escape(name)}<small>${copies} × ${
    escape(job.format)
  }${size}</small></td>
<td data-label="User">${escape(user)}</td>
<td data-label="State"><b>${word}</b>${count}${why ? `<small>${escape(why)}</small>` : ""}</td>
<td data-label="Do">${forms.join("") || "–"}</td>
</tr>`;
}

function form({ id, name, state }: Job, action: Action, secret: string, page: string): string {
  const word = action === "release" && state === "in doubt" ? "Print again" : ACTIONS[action];
  return `<form method="post" action="jobs/${id}/${action}?${page}">` +
    `<input type="hidden" name="token" value="${secret}">` +
    `<button aria-label="${word}: job ${id}, ${escape(name)}">${word}</button></form>`;
}

function sizeOf(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
