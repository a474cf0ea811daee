import type { FetchContext } from "writ";
import type { PrintService } from "../service.ts";
import { spoolContext } from "../worker.ts";
import { notFound } from "./page.ts";
import { type Action, ACTIONS } from "./row.ts";
import { isSecret, secretOf } from "./secret.ts";

/** The most octets of a form. */
const FORM_BYTES = 4_096;

/** Does what a form says to a job, and shows the page again. */
export async function answerAction(
  service: PrintService,
  request: Request,
  { id, action }: { id: number; action: string },
  ctx: FetchContext,
): Promise<Response> {
  if (!Object.hasOwn(ACTIONS, action)) return notFound();
  const form = new URLSearchParams(await textOf(request));
  const secret = await secretOf(spoolContext(ctx).store);
  if (!isSecret(secret, form.get("token"))) {
    return new Response("this form is not ours, or too old: load the page again\n", {
      status: 404,
    });
  }
  await service.control(spoolContext(ctx), id, action as Action);
  // A relative address: the script does not know where its own begins.
  return new Response(null, { status: 303, headers: { location: "../../" } });
}

async function textOf(request: Request): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of request.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > FORM_BYTES) return "";
  }
  return text;
}
