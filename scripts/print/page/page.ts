import type { FetchContext } from "writ";
import type { PrintService } from "../service.ts";
import { placeOf, type QueueSettings } from "../settings.ts";
import type { Job } from "../spool/job.ts";
import { spoolContext } from "../worker.ts";
import { escape } from "./escape.ts";
import { row } from "./row.ts";
import { SCRIPT } from "./script.ts";
import { STYLE } from "./style.ts";
import { secretOf } from "./secret.ts";

/** Jobs of a queue that are shown. */
const SHOWN = 100;

/** The page of all queues, or of one. It works without its script, which only keeps it fresh. */
export async function answerPage(
  service: PrintService,
  request: Request,
  only: string | undefined,
  ctx: FetchContext,
): Promise<Response> {
  const spool = await service.spool(spoolContext(ctx));
  const secret = await secretOf(spoolContext(ctx).store);
  const page = pageQuery(request);
  const { queues } = service.settings(ctx);
  const shown = [...queues.values()].filter(({ name }) => only === undefined || name === only);
  if (only !== undefined && shown.length === 0) return notFound();
  const nonce = crypto.randomUUID();
  const jobs = [...spool.all()].toSorted((a, b) => b.id - a.id);
  const sections = shown.map((queue) =>
    section(queue, jobs.filter((job) => job.queue === queue.name).slice(0, SHOWN), secret, page)
  );
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Print queues</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
<a class="skip" href="#queues">Skip to the queues</a>
<header><h1>Print queues</h1><p id="live" role="status">As of ${time(Date.now())}</p></header>
<p id="news" role="status" class="hidden"></p>
<main id="queues">
${sections.join("\n") || "<p>No queue is set up: the grant's settings name none.</p>"}
</main>
<script nonce="${nonce}" data-events="events?token=${secret}&amp;${page}">${SCRIPT}</script>
</body>
</html>
`;
  return new Response(html, { headers: headers(nonce) });
}

/** What the agent knows the page by when it asks: the page is sandboxed, and so has no origin. */
export function pageQuery({ headers }: Request): string {
  return `writ-page=${headers.get("writ-page") ?? ""}`;
}

function section(
  queue: QueueSettings,
  jobs: readonly Job[],
  secret: string,
  page: string,
): string {
  const { target } = queue, id = `queue-${escape(queue.name)}`;
  const goes = placeOf(target);
  const rows = jobs.map((job) => row(job, secret, page)).join("\n");
  return `<section aria-labelledby="${id}" data-queue="${escape(queue.name)}">
<h2 id="${id}">${escape(queue.info)}</h2>
<p>${escape(queue.location ? `${queue.location} · ` : "")}goes to ${escape(goes)}</p>
<table role="table">
<caption class="hidden">Jobs of ${escape(queue.info)}, the newest first</caption>
<thead><tr><th scope="col">Job</th><th scope="col">Document</th><th scope="col">User</th>
<th scope="col">State</th><th scope="col">Do</th></tr></thead>
<tbody>
${rows || '<tr class="none"><td colspan="5">No jobs</td></tr>'}
</tbody>
</table>
</section>`;
}

/** Nothing from anywhere else, and nothing that was not written here. */
function headers(nonce: string): Record<string, string> {
  return {
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'nonce-${nonce}'`,
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
}

function time(at: number): string {
  return `${new Date(at).toISOString().slice(11, 19)} UTC`;
}

/** What is nowhere. */
export function notFound(): Response {
  return new Response("not found\n", { status: 404, headers: { "content-type": "text/plain" } });
}
