import { isLoopback } from "../../core/loopback.ts";
import { AgentError } from "../errors.ts";
import { DEFAULT_LISTEN, type Listen } from "../listen.ts";
import type { RulesInForce } from "../trust/rules_in_force.ts";
import { secure, type Secured } from "../tls/secure.ts";
import type { OpenState } from "./open_state.ts";

/** Where an agent will listen, and under which names. */
export interface Door extends Secured {
  /** Names without port by which others reach it. */
  readonly hosts: readonly string[];
  /** Those, and the address itself where it is no loopback one. */
  readonly ownHosts: readonly string[];
}

/**
 * Chooses the address, and makes or reads the certificate for it. Nothing listens yet.
 *
 * @throws {AgentError} listen_refused – on every address, and nobody said under which names.
 * @throws {AgentError} key_unreadable, disk_full, state_unreadable – there is no certificate.
 */
export async function openDoor(
  options: { listen?: Listen; hosts?: readonly string[]; now?: () => number },
  { dir, log }: OpenState,
  { current }: RulesInForce,
): Promise<Door> {
  const hosts = [...options.hosts ?? [], ...current.hosts ?? []];
  const address = options.listen ?? current.listen ?? DEFAULT_LISTEN;
  // The policy asks for the same where fleet.yaml names the address.
  if (["0.0.0.0", "::"].includes(address.hostname) && hosts.length === 0) {
    throw new AgentError(
      "listen_refused",
      `Cannot listen on every address as the agent knows no name of its own: ` +
        `add "hosts" to fleet.yaml, or name one address`,
    );
  }
  const secured = await secure({
    address,
    hosts,
    ...(current.tls && { brought: current.tls }),
    folder: dir.tls,
    // The local clock: a certificate is judged by the clocks of others.
    now: options.now ?? Date.now,
    log,
  });
  const ownHosts = [...hosts, ...isLoopback(address.hostname) ? [] : [address.hostname]];
  return { ...secured, hosts, ownHosts };
}
