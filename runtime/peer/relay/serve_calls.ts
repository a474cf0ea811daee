import { isBodyless } from "../../core/http_status.ts";
import type { PeerSocket } from "../socket/mod.ts";
import { ComingBody, lengthIn, sendBody } from "./call_body.ts";
import { fieldsOf, readCallHead } from "./call_head.ts";
import { RELAY_LIMITS } from "./limits.ts";

/** Answers a request as the agent's server does. */
export type CallHandler = (request: Request) => Response | Promise<Response>;

/**
 * Answers the calls that come through a socket, one after another, until the other side leaves or
 * is silent. Each is a request like any other, with a signature of its own.
 */
export async function serveCalls(socket: PeerSocket, handler: CallHandler): Promise<void> {
  let idle = closeLater(socket);
  const gone = new AbortController();
  socket.closed.then(() => gone.abort());
  try {
    for (let next; !(next = await socket.messages.next()).done;) {
      clearTimeout(idle);
      await answer(socket, next.value, handler, gone.signal);
      idle = closeLater(socket);
    }
  } catch {
    // What cannot be read, or not be sent, ends the socket.
  } finally {
    clearTimeout(idle);
    socket.close();
  }
}

async function answer(
  socket: PeerSocket,
  message: string | Uint8Array,
  handler: CallHandler,
  signal: AbortSignal,
): Promise<void> {
  const { method, path, fields, body } = readCallHead(message);
  const headers = new Headers(fields);
  const coming = body ? new ComingBody(socket, lengthIn(headers)) : undefined;
  const request = new Request(`http://localhost${path}`, {
    method,
    headers,
    signal,
    ...(coming && { body: coming.stream }),
  });
  const response = await handler(request);
  const { status } = response;
  const hasBody = response.body !== null && method !== "HEAD" && !isBodyless(status);
  await socket.send(JSON.stringify({ status, fields: fieldsOf(response.headers), body: hasBody }));
  if (hasBody) await sendBody(socket, response.body!);
  else await response.body?.cancel();
  // What is left of the call's body would be taken for the next call.
  if (coming && !coming.isWhole) socket.close();
}

function closeLater(socket: PeerSocket): ReturnType<typeof setTimeout> {
  return setTimeout(() => socket.close(), 2 * RELAY_LIMITS.KEEP_MS);
}
