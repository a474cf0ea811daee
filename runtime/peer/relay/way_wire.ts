import type { Wire, WireListener } from "../socket/wire.ts";
import type { RelayEnd } from "./relay_end.ts";

/**
 * The wire through a relay, at the end of who asked for it: each message of the socket to the relay
 * is a frame for the agent behind it.
 *
 * @param first Sent before any frame: what the agent learns the caller's wish from.
 */
export function wayWire(relay: RelayEnd, first: Uint8Array): Wire {
  const fail = () => relay.close();
  return {
    send: (frame) => void relay.send(frame).catch(fail),
    close: () => relay.close(),
    listen(listener) {
      relay.send(first).then(() => listener.opened(), fail);
      pump(relay, listener);
    },
  };
}

async function pump(relay: RelayEnd, listener: WireListener): Promise<void> {
  try {
    for await (const message of relay.messages) {
      listener.frame(typeof message === "string" ? new Uint8Array() : message);
    }
  } catch {
    // What ends the way, ends the wire.
  }
  listener.gone();
}
