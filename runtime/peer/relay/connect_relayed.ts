import { type ConnectOptions, connectOver, signUpgrade } from "../socket/connect_socket.ts";
import type { PeerSocket } from "../socket/mod.ts";
import type { RelayEnd } from "./relay_end.ts";
import { writeUpgrade } from "./upgrade_text.ts";
import { wayWire } from "./way_wire.ts";

/**
 * Opens a socket to an agent through a relay, as `connectSocket()` does without one: what goes
 * through is sealed from end to end.
 *
 * @param relay A socket to the relay, at its path for the way to the agent.
 * @param path Of the upgrade, with its query.
 * @throws {PeerError} – as `connectSocket()`
 */
export async function connectRelayed(
  relay: RelayEnd,
  path: string,
  options: ConnectOptions,
): Promise<PeerSocket> {
  const upgrade = signUpgrade(`https://relayed.invalid${path}`, options);
  return await connectOver(wayWire(relay, writeUpgrade(upgrade)), upgrade, options);
}
