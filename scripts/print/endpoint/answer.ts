import type { FetchContext } from "writ";
import type { PrintService } from "../service.ts";
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
  return new Response("not found\n", { status: 404 });
}
