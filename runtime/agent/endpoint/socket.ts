import type { CellSocket } from "../../sandbox/mod.ts";
import { EndpointRefusal } from "./endpoint_refusal.ts";

/** What a cell takes in one message; who sends more is cut off. */
const MESSAGE_BYTES = 256 << 10;
/** Messages from a client that wait for the script. */
const WAITING_BYTES = 1 << 20;
/**
 * WebSockets of all scripts at the same time. Deno keeps up to 64 MB of a message before it is
 * whole, and has no lower bound to set.
 */
const SOCKETS = 64;
let open = 0;

/** What a browser may be told, RFC 6455 "Reserved Status Code Ranges". */
const TELLABLE = (code: number) => code === 1000 || (code >= 3000 && code <= 4999);

/** What is no whole handshake is a plain request, whatever it would like to become. */
export function wantsSocket({ method, headers }: Request): boolean {
  const words = (name: string) =>
    (headers.get(name) ?? "").toLowerCase().split(",").map((word) => word.trim());
  return method === "GET" && words("upgrade").includes("websocket") &&
    words("connection").includes("upgrade") && headers.get("sec-websocket-version") === "13" &&
    /^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "");
}

/**
 * Takes a client's WebSocket for a script and joins the two ends, until either closes. A client
 * that sends faster than the script takes is cut off: a WebSocket knows no back-pressure.
 *
 * @param of.ended Settled when the script's request is over.
 * @throws {EndpointRefusal} too_many_sockets – other clients have them all
 */
export function upgrade(
  request: Request,
  { cell, ended }: { cell: CellSocket; ended: Promise<unknown> },
): Response {
  const { socket, response } = takeSocket(request, cell);
  open++;
  ended.finally(() => open--);
  socket.binaryType = "arraybuffer";
  const writer = cell.writable.getWriter();
  let waiting = 0;
  const leave = (code: number, reason: string) => {
    cell.close({ code, reason });
    writer.releaseLock();
  };
  let left = false;
  const leaveOnce = (code: number, reason: string) => {
    if (left) return;
    left = true;
    leave(code, reason);
  };
  socket.onmessage = ({ data }) => {
    const message = typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer);
    const bytes = message.length;
    waiting += bytes;
    if (left) return;
    if (bytes > MESSAGE_BYTES || waiting > WAITING_BYTES) {
      leaveOnce(1009, "");
      return socket.close(3009, "too much at once");
    }
    writer.write(message).then(() => waiting -= bytes, () => {});
  };
  socket.onclose = ({ code, reason }) => leaveOnce(code, reason);
  socket.onerror = () => leaveOnce(1006, "");
  socket.onopen = () => void pump(cell, socket);
  return response;
}

/** Sends what the script sends, no faster than the client takes it. */
async function pump({ readable, closed }: CellSocket, socket: WebSocket): Promise<void> {
  try {
    for await (const message of readable) {
      if (socket.readyState !== WebSocket.OPEN) return;
      socket.send(typeof message === "string" ? message : new Uint8Array(message));
      while (socket.bufferedAmount > WAITING_BYTES && socket.readyState === WebSocket.OPEN) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  } catch {
    // The script is gone; how it closes is said below.
  }
  const { code, reason } = await closed;
  if (socket.readyState > WebSocket.OPEN) return;
  if (TELLABLE(code)) socket.close(code, reason);
  else socket.close();
}

/** @throws {EndpointRefusal} too_many_sockets – the script is told that its client is gone */
function takeSocket(request: Request, cell: CellSocket): Deno.WebSocketUpgrade {
  try {
    if (open >= SOCKETS) throw new EndpointRefusal(503, "too_many_sockets");
    return Deno.upgradeWebSocket(request, { idleTimeout: 60 });
  } catch (error) {
    cell.close({ code: 1006, reason: "" });
    cell.writable.abort(error).catch(() => {});
    throw error;
  }
}
