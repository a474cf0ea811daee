import type { Transport } from "./link.ts";

/** How long a browser that was named may take to answer. */
const ANSWER_MS = 5_000;

/**
 * Messages over the debugging port of a browser that somebody started for this.
 *
 * @param address `127.0.0.1:9222`, say.
 * @throws {TypeError} when no browser answers there
 */
export async function socketTransport(address: string): Promise<Transport> {
  const response = await fetch(`http://${address}/json/version`, {
    signal: AbortSignal.timeout(ANSWER_MS),
    redirect: "error",
  });
  const { webSocketDebuggerUrl } = await response.json();
  const { pathname } = new URL(String(webSocketDebuggerUrl));
  const socket = new WebSocket(`ws://${address}${pathname}`);
  const { readable, writable } = new TransformStream<string, string>();
  const writer = writable.getWriter();
  socket.onmessage = ({ data }) => void writer.write(String(data)).catch(() => {});
  socket.onclose = () => void writer.close().catch(() => {});
  const opened = Promise.withResolvers<void>();
  const late = setTimeout(() => socket.close(), ANSWER_MS);
  socket.onopen = () => opened.resolve();
  socket.onerror = () => opened.reject(new TypeError(`no browser answers at ${address}`));
  socket.addEventListener("close", () => socket.onerror?.(new Event("error")));
  await opened.promise.finally(() => clearTimeout(late));
  return {
    send: (message) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(message);
    },
    messages: readable,
    close: () => socket.close(),
  };
}
