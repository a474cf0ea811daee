import type { FetchContext } from "writ";
import { answerAction } from "../page/action.ts";
import { answerEvents } from "../page/events.ts";
import { answerPage, notFound } from "../page/page.ts";
import type { PrintService } from "../service.ts";
import { queueIn } from "./asked.ts";
import { answerIpp } from "./ipp_endpoint.ts";

/** Answers what comes to the script's own address: printers' clients, and people. */
export async function answerRequest(
  service: PrintService,
  request: Request,
  ctx: FetchContext,
): Promise<Response> {
  const path = new URL(request.url).pathname;
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (request.method === "POST" && type === "application/ipp") {
    return await answerIpp(service, request, path, ctx);
  }
  const action = /^\/jobs\/(\d{1,10})\/([a-z]+)$/.exec(path);
  if (request.method === "POST" && action) {
    const [, id, word] = action;
    return await answerAction(service, request, { id: Number(id), action: word! }, ctx);
  }
  if (request.method !== "GET") return notFound();
  if (path === "/events") return await answerEvents(service, request, ctx);
  return await answerPage(service, request, queueIn(path), ctx);
}
