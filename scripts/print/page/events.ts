import type { FetchContext } from "writ";
import type { PrintService } from "../service.ts";
import type { Job } from "../spool/job.ts";
import { spoolContext } from "../worker.ts";
import { notFound, pageQuery } from "./page.ts";
import { row } from "./row.ts";
import { isSecret, secretOf } from "./secret.ts";

/** How often a silent stream says that it lives, so that nobody takes it for dead. */
const BEAT_MS = 15_000;
/** Jobs of all queues, the newest, that each who connects is told of. */
const SHOWN_AGAIN = 100;
/** Events that a client may leave unread before it is cut off. */
const UNREAD = 200;

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
  const eventOf = (name: string, job: Job) => utf8.encode(event(name, job, secret, page));
  let end = () => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(utf8.encode("retry: 2000\n\n"));
      const send = (bytes: Uint8Array) => {
        if (controller.desiredSize! > 0) return controller.enqueue(bytes);
        // It comes back, and is told anew.
        end();
        controller.close();
      };
      const stop = spool.watch((job) => send(eventOf("job", job)));
      const beat = setInterval(() => send(utf8.encode(": \n\n")), BEAT_MS);
      end = () => {
        stop();
        clearInterval(beat);
      };
      // What happened between the page and now, or while it was not connected.
      for (const job of [...spool.all()].slice(-SHOWN_AGAIN)) {
        controller.enqueue(eventOf("now", job));
      }
    },
    cancel: () => end(),
  }, { highWaterMark: SHOWN_AGAIN + UNREAD });
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

function event(name: string, job: Job, secret: string, page: string): string {
  const { id, queue, state } = job;
  const words = `Job ${id} is ${state}`;
  const data = { id, queue, words, html: row(job, secret, page) };
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
