import type { Hono } from "hono";
import type { Digest, KeyId } from "../core/documents/common.ts";
import { messageOf } from "./errors.ts";
import { AGENT_LIMITS } from "./limits.ts";
import type { Listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { HubConnection } from "./hub_link/hub_connection.ts";
import { withHubSource } from "./hub_link/hub_source.ts";
import { ScriptNotes } from "./hub_link/script_notes.ts";
import { addressesOf } from "./peers/addresses_of.ts";
import { withPeerSources } from "./peers/peer_source.ts";
import { Peering } from "./peers/peering.ts";
import { Releases } from "./release/releases.ts";
import { type Reloaded, RulesInForce } from "./trust/rules_in_force.ts";
import type { Runner } from "./cells/runner.ts";
import { RunService } from "./runs/run_service.ts";
import { openApp, type OpenAppParts } from "./start/open_app.ts";
import { type Content, openContent } from "./start/open_content.ts";
import { type Door, openDoor } from "./start/open_door.ts";
import { type OpenState, openState } from "./start/open_state.ts";
import { reloadOnChange } from "./start/reload_on_change.ts";
import { removeQuietly, writeDurably } from "./state/durable_write.ts";
import { HubNoteTable } from "./store/hub_notes.ts";
import { HubReportTable } from "./store/hub_reports.ts";
import { SharedBlobTable } from "./store/shared_blobs.ts";
import type { LoadRules } from "./trust/load_rules.ts";
import { TrustStore } from "./trust/trust_store.ts";

/** Where requests of the agent's own come from. */
const THIS_MACHINE = { transport: "tcp", hostname: "127.0.0.1", port: 0 } as const;

/** Where requests come from that another agent passes on: nowhere that is trusted. */
const BEHIND_A_RELAY = { transport: "tcp", hostname: "relayed.invalid", port: 0 } as const;

/** What an agent is started with. */
export interface AgentOptions {
  /** Where the agent keeps what it must not forget; made when missing. */
  stateDir: string;
  /** The rules: `rulesFromFolder()`, or something else that makes them. */
  rules: LoadRules;
  /** A folder whose changes have the rules loaded anew. Default: none, SIGHUP alone does. */
  watch?: string;
  /** What carries out the runs: `sandboxRunner()`. Closed when the agent stops. */
  runner: Runner;
  /** Default: what the policy says, else `DEFAULT_LISTEN`. */
  listen?: Listen;
  /** Names without port by which the agent is also reached, besides the loopback ones. */
  hosts?: readonly string[];
  /** Runs at the same time on this node. Default: {@linkcode AGENT_LIMITS}`.RUNS`. */
  nodeRuns?: number;
  /** Whether something starts the agent again when it ends, as another release. Default: no. */
  supervised?: boolean;
  log?: Log;
  /** The local clock, milliseconds since the epoch. Default: `Date.now`. */
  now?: () => number;
}

/** How an agent ends. */
export interface StopOptions {
  /** How long what runs may go on, milliseconds. Nothing new begins. Default: 0. */
  graceMs?: number;
  /** Ends the grace early. */
  hurry?: AbortSignal;
}

/** A running agent. */
export interface Agent extends AsyncDisposable {
  readonly id: KeyId;
  /** Without a slash at the end; how this machine reaches it. */
  readonly url: string;
  /** Of the certificate that vouches for its TLS; absent on loopback. */
  readonly ca?: Digest;
  /** @throws {AgentError} policy – the old rules stay in force. */
  reload(): Promise<Reloaded>;
  /** Resolves when the agent should be stopped and started again, as another release. */
  readonly replaced: Promise<void>;
  /** Ends the agent: what runs after the grace is interrupted, what waits stays stored. */
  stop(options?: StopOptions): Promise<void>;
}

/**
 * Starts an agent: state, identity, database, audit log, rules, runs of before, and last the
 * address, so that whoever reaches it finds it ready. What was opened is closed again when a step
 * fails.
 *
 * @throws {AgentError} state_permissions, state_locked, state_newer, state_rolled_back,
 *   audit_broken, state_unreadable, key_unreadable, disk_full – the state directory cannot be used.
 * @throws {AgentError} policy – there are no rules to work by.
 * @throws {AgentError} listen_refused, port_in_use – the address cannot be had.
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  await using started = new AsyncDisposableStack();
  const { runner } = options;
  started.defer(() => runner.close());

  const state = await openState(started, options);
  const { store, audit, log } = state;
  const trust = new TrustStore(store, state.clock);
  const rules = await RulesInForce.load({ load: options.rules, trust, store, audit, log });
  const content = openContent(started, state, rules);
  // What comes later is asked for later: when a script shares, or asks its own endpoint.
  const later = () => ({ door, server, app });
  const peers: Peering = started.use(openPeers(state, rules, trust, content, later));
  const table = new HubNoteTable(store);
  const notes = new ScriptNotes({ table, rules: () => rules.current, now: state.now });
  const askEndpoint = async (request: Request) =>
    await app.fetch(request, { remoteAddr: THIS_MACHINE });
  const runs = started.use(
    await RunService.open({
      ...state,
      ...content,
      swarm: peers,
      channels: peers,
      clients: peers,
      ...{ notes, askEndpoint, runner },
      rules: withPeerSources(withHubSource(() => rules.current, state), { ...state, peers }),
      nodeRuns: options.nodeRuns ?? AGENT_LIMITS.RUNS,
      requireRoom: () => content.housekeeper.requireRoom(),
    }),
  );
  rules.onChange(() => runs.recheck());
  rules.onChange(() => peers.begin());

  const door = await openDoor(options, state, rules);
  const releases = started.use(openReleases(options, state, rules, trust));
  const stopping = new AbortController();
  const parts = { state, trust, rules, content, runs, runner, door, releases, peers };
  const app: Hono = openApp(started, { ...parts, stopping: stopping.signal });
  const server = door.serve((request, info) => app.fetch(request, info));
  started.defer(() => server.stop(AGENT_LIMITS.STOP_MS));
  started.defer(() => stopping.abort());
  writeDurably(state.dir.address, server.url + "\n");
  started.defer(() => removeQuietly(state.dir.address));

  const { fleet } = rules.current.policy;
  await recordLife(started, state, runs, fleet);
  runs.begin();
  peers.begin();
  const hub = started.use(openHub({ ...parts, notes }));
  rules.onChange(() => hub.begin());
  hub.begin();
  content.housekeeper.begin();
  releases.begin();
  reloadOnChange(started, rules, options.watch, log);

  const ca = door.authority && { ca: door.authority.digest };
  const [id, url] = [state.agent, server.url];
  log("info", "agent ready", { agent: id, fleet, url, ...ca });
  const stop = stopOnce(started.move(), runs);
  const reload = () => rules.reload();
  const replaced = releases.ready;
  return { id, url, ...ca, reload, replaced, stop, [Symbol.asyncDispose]: () => stop() };
}

/** @param later What is there by the time that peers are talked to. */
function openPeers(
  { dir, store, signer, agent, now, log }: OpenState,
  rules: RulesInForce,
  trust: TrustStore,
  { scriptBlobs }: Content,
  later: () => {
    readonly door: Door;
    readonly server: { readonly url: string };
    readonly app: Hono;
  },
): Peering {
  return new Peering({
    signer,
    agent,
    rules: () => rules.current,
    reload: () => rules.reload(),
    trust,
    now,
    addresses: () => addressesOf(later().server.url, later().door.hosts),
    ca: () => later().door.authority?.digest,
    table: new SharedBlobTable(store),
    folder: dir.partial,
    open: (sha256) => scriptBlobs.open(sha256),
    answer: async (request) => await later().app.fetch(request, { remoteAddr: BEHIND_A_RELAY }),
    log,
  });
}

function openHub(
  { state, trust, rules, content, runs, runner, releases, notes }:
    & Omit<OpenAppParts, "stopping">
    & { notes: ScriptNotes },
): HubConnection {
  const { store, signer, now, log } = state;
  return new HubConnection({
    ...{ signer, trust, releases, now, log },
    rules: () => rules.current,
    door: { ...runs.parts, blobs: content.blobs },
    runEvents: runs.parts.hub,
    reports: new HubReportTable(store),
    notes,
    reload: () => rules.reload(),
    level: () => runner.level().catch(() => null),
    stateBytes: () => content.housekeeper.usage.total,
  });
}

function openReleases(
  { supervised = false }: AgentOptions,
  { dir, store, audit, signer, now, log }: OpenState,
  rules: RulesInForce,
  trust: TrustStore,
): Releases {
  const withHub = withHubSource(() => rules.current, { signer, now });
  return new Releases({
    state: dir.path,
    root: () => trust.root(),
    sources: () => withHub().sources,
    ...{ store, audit, now, log, supervised },
  });
}

/** Writes into the audit log that the agent started and, when its runs are over, that it stopped. */
async function recordLife(
  started: AsyncDisposableStack,
  { store, audit, agent, log }: OpenState,
  runs: RunService,
  fleet: string,
): Promise<void> {
  await store.write(() => audit.append({ event: "agent_started", detail: { agent, fleet } }));
  started.defer(async () => {
    await runs.stop();
    const row = { event: "agent_stopped", detail: { agent } } as const;
    await store.write(() => audit.append(row)).catch((error) => {
      log("error", "stop not recorded", { error: messageOf(error) });
    });
  });
}

/** However often it is called, and with what grace: the first call counts. */
function stopOnce(running: AsyncDisposableStack, runs: RunService): Agent["stop"] {
  let stopped: Promise<void> | undefined;
  const end = async (options: StopOptions) => {
    await runs.finish(options);
    await running.disposeAsync();
  };
  return (options = {}) => stopped ??= end(options);
}
