import type { FetchContext } from "writ";
import type { PrintService } from "../service.ts";
import type { Job } from "../spool/job.ts";
import { spoolContext } from "../worker.ts";
import { notFound, pageQuery } from "./page.ts";
import { row } from "./row.ts";
import { isSecret, secretOf } from "./secret.ts";

/** How often a silent stream says that it lives, so that nobody takes it for dead. */
const BEAT_MS = 15_000;

/** Each change of a job as it happens, for who could read the page. */
export async function answerEvents(
  service: PrintService,
  request: Request,
  ctx: FetchContext,
): Promise<Response> {
  const spool = await service.spool(spoolContext(ctx));
  const secret = await secretOf(spoolContext(ctx).store);
  if (!isSecret(secret, new URL(request.url).searchParams.get("token"))) return notFound();
  const page = pageQuery(request);
  const utf8 = new TextEncoder();
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(utf8.encode("retry: 2000\n\n"));
      const stop = spool.watch((job) =>
        controller.enqueue(utf8.encode(eventOf(job, secret, page)))
      );
      const beat = setInterval(() => controller.enqueue(utf8.encode(": \n\n")), BEAT_MS);
      end = () => {
        stop();
        clearInterval(beat);
      };
    },
    cancel: () => end(),
  });
  ctx.signal.addEventListener("abort", () => end(), { once: true });
  return new Response(body, {
    headers: {
      "content-type": "text/event-stream",
      "cache-control": "no-store",
      // The page is sandboxed, and so a stranger to its own agent; the token is what lets it in.
      "access-control-allow-origin": "null",
    },
  });
}

function eventOf(job: Job, secret: string, page: string): string {
  const { id, queue, state } = job;
  const words = `Job ${id} is ${state}`;
  return `event: job\ndata: ${
    JSON.stringify({ id, queue, words, html: row(job, secret, page) })
  }\n\n`;
}
