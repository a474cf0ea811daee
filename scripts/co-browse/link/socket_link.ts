import type { ScriptSocket } from "writ";
import type { Link, Receiver } from "./link.ts";

/** The WebSocket of a page. */
export function socketLink(socket: ScriptSocket, accept: (link: Link) => Receiver): void {
  const link: Link = {
    send(text) {
      if (socket.readyState === 1) socket.send(text);
    },
    close: () => socket.close(1000),
    get waiting() {
      return socket.bufferedAmount;
    },
  };
  const receiver = accept(link);
  socket.onmessage = ({ data }) => receiver.take(data);
  socket.onclose = () => receiver.lost();
}
