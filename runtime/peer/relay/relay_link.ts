import type { PeerSocket } from "../socket/mod.ts";
import { SOCKET_LIMITS } from "../socket/limits.ts";
import type { Wire, WireListener } from "../socket/wire.ts";
import { RELAY_LIMITS } from "./limits.ts";
import { RELAY_ENDS } from "./relay_end.ts";
import { readRelayFrame, writeRelayFrame } from "./relay_frame.ts";

/** Answers somebody who came through a relay: by the upgrade that it sent first. */
export type OnWay = (upgrade: Uint8Array, wire: Wire) => void;

/** The agent's end of one way. */
interface Way {
  listener?: WireListener;
  /** What came before anybody listened. */
  held: Uint8Array[];
  isAsked: boolean;
  /** Closes a way that nobody uses. */
  readonly timer: ReturnType<typeof setTimeout>;
}

/**
 * Serves the ways of one connection to a relay, until that is over. Everything that comes is some
 * stranger's until the socket inside it has proven who that is.
 */
export async function serveRelayLink(relay: PeerSocket, onWay: OnWay): Promise<void> {
  const ways = new Map<number, Way>();
  const drop = (id: number) => {
    const way = ways.get(id);
    ways.delete(id);
    clearTimeout(way?.timer);
    way?.listener?.gone();
  };
  const close = (id: number) => {
    if (!ways.has(id)) return;
    drop(id);
    relay.send(writeRelayFrame({ kind: "close", way: id })).catch(() => {});
  };
  try {
    for await (const message of relay.messages) {
      const frame = readRelayFrame(message);
      const way = ways.get(frame.way);
      if (frame.kind === "close") drop(frame.way);
      else if (frame.kind === "open") {
        if (way || ways.size >= RELAY_LIMITS.TUNNELS_OF_ONE_AGENT) return relay.close();
        const timer = setTimeout(() => close(frame.way), SOCKET_LIMITS.HANDSHAKE_MS);
        ways.set(frame.way, { held: [], isAsked: false, timer });
      } else if (way?.listener) way.listener.frame(frame.bytes);
      else if (way?.isAsked) {
        way.held.push(frame.bytes);
        // Nothing comes until the upgrade is answered, from who keeps to the handshake.
        if (way.held.length > 1) close(frame.way);
      } else if (way) {
        way.isAsked = true;
        clearTimeout(way.timer);
        if (frame.bytes.length > RELAY_LIMITS.UPGRADE_BYTES) close(frame.way);
        else onWay(frame.bytes, wireOf(frame.way, way));
      }
    }
  } catch {
    relay.close(RELAY_ENDS.nonsense, "bad_frame");
  } finally {
    for (const id of [...ways.keys()]) drop(id);
  }

  function wireOf(id: number, way: Way): Wire {
    return {
      send(frame) {
        if (!ways.has(id)) return;
        relay.send(writeRelayFrame({ kind: "data", way: id, bytes: frame })).catch(() => close(id));
      },
      close: () => close(id),
      listen(listener) {
        way.listener = listener;
        if (!ways.has(id)) return listener.gone();
        listener.opened();
        for (const frame of way.held.splice(0)) listener.frame(frame);
      },
    };
  }
}
