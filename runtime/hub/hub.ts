import { type Context, Hono } from "hono";
import type { KeyId } from "../core/documents/common.ts";
import { keyId, type Signer } from "../core/key.ts";
import { type Listen, listen } from "../agent/listen.ts";
import { type Log, silentLog } from "../agent/mod.ts";
import { removeQuietly, writeDurably } from "../agent/state/durable_write.ts";
import { type Authority, secure, type Secured } from "../agent/tls/secure.ts";
import { createApi } from "./api/app.ts";
import { createOperatorApi } from "./api/operator_api.ts";
import { type HubBus, localBus } from "./bus/hub_bus.ts";
import { openHubDatabase } from "./database/open_database.ts";
import { refuse } from "./api/refusal.ts";
import { HubError } from "./errors.ts";
import { createAgentApi } from "./link/agent_api.ts";
import { HUB_LIMITS } from "./limits.ts";
import { type HandshakeLimits, Handshakes } from "./link/handshakes.ts";
import { makeServices } from "./make_services.ts";
import { Rounds } from "./rounds.ts";
import type { HubServices } from "./services.ts";
import { type HubState, openHubState } from "./state.ts";
import { SteadyClock } from "./steady_clock.ts";

/** What a hub is started with. */
export interface HubOptions {
  /** Where the hub keeps its keys, and its database unless another one is named; made when missing. */
  stateDir: string;
  /** `postgres://…`, which several hubs can share, or a file. Default: a file in the state folder. */
  database?: string;
  /** `nats://…`, by which hubs that share a database hear each other. Default: it is alone. */
  bus?: string;
  /** Default: {@linkcode DEFAULT_HUB_LISTEN}. */
  listen?: Listen;
  /** A certificate. Default: off loopback, one of the hub's own. */
  tls?: { cert: string; key: string };
  /** Names without port by which machines reach the hub, for a certificate of its own. */
  hosts?: readonly string[];
  /**
   * Lets webhooks of every tenant name addresses of this machine and its network, by http too.
   * Default: false.
   */
  unsafeWebhooksInside?: boolean;
  /** Connections of agents in the making. Default: {@linkcode HUB_LIMITS}`.HANDSHAKES`. */
  handshakes?: HandshakeLimits;
  log?: Log;
  /** The local clock, milliseconds since the epoch. Default: `Date.now`. */
  now?: () => number;
  /** Milliseconds by a clock that nobody sets. Default: `performance.now`. */
  uptime?: () => number;
}

/** Where a hub listens when nothing says otherwise. */
export const DEFAULT_HUB_LISTEN: Listen = { hostname: "127.0.0.1", port: 8790 };

/** A running hub. */
export interface Hub extends AsyncDisposable {
  /** What agents pin, and what every answer to them is signed by. */
  readonly id: KeyId;
  /** Without a slash at the end; how this machine reaches it. */
  readonly url: string;
  /** How other machines reach it: by the first name that it was told, if any. */
  readonly agentsUrl: string;
  /** What vouches for its TLS, and agents pin, where the certificate is the hub's own. */
  readonly authority?: Authority;
  readonly services: HubServices;
  /** The key by which the hub orders for a tenant, for the root of its fleet. */
  ordererOf(tenant: string): Pick<Signer, "publicKey">;
  /** Secret bytes for one use, which hubs of the same key have in common. */
  secretFor(use: string): Uint8Array;
  /** Connections of agents that this hub holds. */
  readonly links: number;
  /** Does now what the hub does from time to time; for tests. */
  round(): Promise<void>;
  stop(): Promise<void>;
}

/** How long requests under way may take when the hub stops. */
const STOP_MS = 2_000;

/**
 * Starts a hub: state, database, services, and last the address, so that whoever reaches it finds
 * it ready. What was opened is closed again when a step fails.
 *
 * @throws {AgentError} state_permissions, state_locked, state_unreadable – the folder cannot be used
 * @throws {HubError} state – a key cannot be used
 * @throws {HubError} database, database_newer – the database cannot be used
 * @throws {HubError} bus – the bus cannot be reached
 * @throws {AgentError} key_unreadable – there is no certificate
 * @throws {AgentError} listen_refused, port_in_use – the address cannot be had
 */
export async function startHub(options: HubOptions): Promise<Hub> {
  await using started = new AsyncDisposableStack();
  const { log = silentLog, now = Date.now } = options;
  const state = started.use(openHubState(options.stateDir));
  const database = started.use(await openHubDatabase(options.database ?? state.database));
  const clock = new SteadyClock({ now, uptime: options.uptime ?? (() => performance.now()) });
  const { services, ...inside } = makeServices(started, {
    ...{ state, database, now, clock, log },
    webhooksInside: options.unsafeWebhooksInside ?? false,
    bus: await openBus(options.bus, keyId(state.signer.publicKey), log),
  });
  const { links, presence, spread, deliveries } = inside;
  await presence.forgetAll();
  await spread.recount();

  const { signer } = state;
  const handshakes = new Handshakes(options.handshakes ?? HUB_LIMITS.HANDSHAKES);
  const agentApi = createAgentApi({ ...services, ...inside, handshakes, signer, now });
  const { authority, serve } = await openDoor(options, state, log);
  const operatorApi = createOperatorApi(services, state);
  const app = frontDoor(createApi(services), agentApi, operatorApi, authorityRoute(authority));
  const server = serve((request, info) => app.fetch(request, info));
  started.defer(() => server.stop(STOP_MS));
  started.defer(() => links.close());
  const rounds = started.use(
    new Rounds({
      ...{ links, presence, spread, deliveries, rollouts: services.rollouts },
      ...{
        events: services.events,
        webhooks: services.webhooks,
        database,
        clock,
        url: server.url,
        log,
      },
    }),
  );
  const agentsUrl = reachedAt(server.url, options.hosts);
  for (
    const [file, url] of [[state.address, server.url], [state.agentsAddress, agentsUrl]] as const
  ) {
    writeDurably(file, url + "\n");
    started.defer(() => removeQuietly(file));
  }

  const id = keyId(signer.publicKey);
  log("info", "hub ready", { hub: id, url: server.url, database: database.kind });
  const running = started.move();
  let stopped: Promise<void> | undefined;
  const stop = () => stopped ??= running.disposeAsync();
  return {
    ...{ id, url: server.url, agentsUrl, services, stop },
    ...(authority && { authority }),
    round: () => rounds.now(),
    ordererOf: (tenant) => state.makeOrderer(tenant),
    // A signature by this key is the same each time, and nobody else can make it.
    secretFor: (use) => signer.sign(new TextEncoder().encode(`writ hub secret for ${use}`)),
    get links() {
      return links.size;
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** Loaded only by hubs that have company. */
async function openBus(url: string | undefined, hub: KeyId, log: Log): Promise<HubBus> {
  if (url === undefined) return localBus();
  const { openNatsBus } = await import("./bus/nats_bus.ts");
  return await openNatsBus({ url, name: hub.slice("writ-key:".length), log });
}

function reachedAt(own: string, [host]: readonly string[] = []): string {
  if (host === undefined) return own;
  const url = new URL(own);
  url.hostname = host.includes(":") ? `[${host}]` : host;
  return url.origin;
}

/** A certificate that was brought is shown as it is; off loopback there is one of the hub's own. */
async function openDoor(options: HubOptions, state: HubState, log: Log): Promise<Secured> {
  const { listen: address = DEFAULT_HUB_LISTEN, hosts = [], tls } = options;
  if (tls) {
    const renewIfDue = () => Promise.resolve();
    return { serve: (handler) => ({ ...listen(address, handler, { tls, log }), renewIfDue }) };
  }
  // The local clock: a certificate is judged by the clocks of others.
  return await secure({ address, hosts, folder: state.tls, now: Date.now, log });
}

/** What vouches for the hub's TLS; whoever asks for it knows its digest already. */
function authorityRoute(authority: Authority | undefined): Hono {
  const app = new Hono();
  app.get("/v1/ca", (c) => {
    if (!authority) throw new HubError("not_found", "");
    return c.body(authority.pem, 200, { "content-type": "application/x-pem-file" });
  });
  return app;
}

/** Agents, programs and whoever runs the hub come in by one address. */
function frontDoor(...sides: readonly Hono[]): Hono {
  const app = new Hono();
  app.onError((error, c: Context) => refuse(c, error));
  app.notFound((c) => refuse(c, new HubError("not_found", "")));
  for (const side of sides) app.route("/", side);
  return app;
}
