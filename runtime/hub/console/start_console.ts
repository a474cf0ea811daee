import { type Listen, listen, type Listening } from "../../agent/listen.ts";
import { removeQuietly, writeDurably } from "../../agent/state/durable_write.ts";
import { isLoopback } from "../../core/loopback.ts";
import type { Hub } from "../hub.ts";
import { createUsers, type UserServices } from "../users/mod.ts";
import { createConsole } from "./console.ts";

/** What a console is started with. */
export interface StartConsoleOptions {
  readonly hub: Hub;
  /** Default: {@linkcode DEFAULT_CONSOLE_LISTEN}. */
  readonly listen?: Listen;
  /** A certificate; without it only loopback is served. */
  readonly tls?: { cert: string; key: string };
  /** As browsers have it, when it is not where the console listens: `https://console.example`. */
  readonly origin?: string;
  /** The hub's state folder, in which the console's address is kept while it runs. */
  readonly stateDir?: string;
  /** Where machines reach the hub, when it is not where it listens. */
  readonly agentsUrl?: string;
}

/** A running console. */
export interface RunningConsole extends AsyncDisposable {
  /** Where browsers find it. */
  readonly origin: string;
  readonly users: UserServices;
}

/** Where a console listens when nothing says otherwise. */
export const DEFAULT_CONSOLE_LISTEN: Listen = { hostname: "localhost", port: 8791 };

/** How long requests under way may take when the console stops. */
const STOP_MS = 1_000;

/**
 * Starts the console of a hub, on a listener and an origin of its own: what a page of it can do, no
 * page of the API's origin can, and the other way round.
 *
 * What was begun is ended again when it cannot be started.
 *
 * @throws {AgentError} listen_refused, port_in_use – the address cannot be had
 * @throws {AgentError} disk_full, state_unreadable – its address cannot be written down
 */
export async function startConsole(options: StartConsoleOptions): Promise<RunningConsole> {
  const { hub, tls } = options;
  const { services } = hub;
  await using starting = new AsyncDisposableStack();
  // Its own address is part of what it checks, and is known when it listens.
  const ready = Promise.withResolvers<ReturnType<typeof createConsole>>();
  const server: Listening = listen(
    options.listen ?? DEFAULT_CONSOLE_LISTEN,
    async (request, info) => (await ready.promise).fetch(request, info),
    { log: services.log, ...(tls && { tls }) },
  );
  starting.defer(() => server.stop(STOP_MS));
  const origin = options.origin ?? originOf(server.url);
  const challengeKey = hub.secretFor("challenges");
  const users = createUsers({ ...services, now: () => services.now(), origin, challengeKey });
  const agentsUrl = options.agentsUrl ?? hub.agentsUrl;
  const now = () => services.now();
  const agentsCa = hub.authority && { agentsCa: hub.authority.digest };
  ready.resolve(createConsole({ ...services, ...users, now, origin, agentsUrl, ...agentsCa }));
  const address = options.stateDir === undefined ? undefined : `${options.stateDir}/console.url`;
  if (address !== undefined) {
    writeDurably(address, `${origin}\n`);
    starting.defer(() => removeQuietly(address));
  }
  services.log("info", "console ready", { origin });
  const started = starting.move();
  return { origin, users, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Browsers make passkeys for names alone, so this machine goes by its name. */
function originOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const name = isLoopback(hostname) ? "localhost" : hostname;
  return new URL(`${protocol}//${name}:${port}`).origin;
}
