import type { Digest, KeyId } from "../core/documents/common.ts";
import { keyId } from "../core/key.ts";
import { LIMITS } from "../core/limits.ts";
import { WRIT_VERSION } from "../core/version.ts";
import { AuditLog } from "./audit/audit_log.ts";
import { CallNonces } from "./calls/call_nonces.ts";
import { Calls } from "./calls/calls.ts";
import { recordRestore } from "./backup/restored.ts";
import { TrustedClock } from "./clock.ts";
import { ContentStore } from "./content_store.ts";
import { messageOf } from "./errors.ts";
import { createApp } from "./http/app.ts";
import { AGENT_LIMITS } from "./limits.ts";
import { DEFAULT_LISTEN, isLoopback, type Listen } from "./listen.ts";
import { type Log, silentLog } from "./log.ts";
import { scrapes } from "./metrics/scrape.ts";
import { sendTelemetry } from "./metrics/telemetry.ts";
import { onHangup } from "./on_hangup.ts";
import { Housekeeper } from "./retention/housekeeper.ts";
import { type Reloaded, RulesInForce } from "./rules_in_force.ts";
import type { Runner } from "./runs/runner.ts";
import { RunService } from "./runs/run_service.ts";
import { loadAgentKey } from "./state/agent_key.ts";
import { removeQuietly, writeDurably } from "./state/durable_write.ts";
import { beginAfterLoss, hasLostRecords } from "./state/lost_records.ts";
import { loadOperatorToken, tokenCheck } from "./state/operator_token.ts";
import { scratchDir } from "./state/scratch_dir.ts";
import { openStateDir } from "./state/state_dir.ts";
import { secure } from "./tls/secure.ts";
import { SharedBlobTable } from "./store/shared_blobs.ts";
import { SwarmService } from "./swarm/swarm_service.ts";
import { addressesOf } from "./peers/addresses_of.ts";
import { PeerNetwork } from "./peers/peer_network.ts";
import { getMeta } from "./store/meta.ts";
import { Store } from "./store/store.ts";
import type { LoadRules } from "./trust/load_rules.ts";
import { TrustStore } from "./trust/trust_store.ts";
import { watchFolder } from "./watch_folder.ts";

/** Where requests of the agent's own come from. */
const THIS_MACHINE = { transport: "tcp", hostname: "127.0.0.1", port: 0 } as const;

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
  /** Default: what the policy says, else {@linkcode DEFAULT_LISTEN}. */
  listen?: Listen;
  /** Names without port by which the agent is also reached, besides the loopback ones. */
  hosts?: readonly string[];
  /** Runs at the same time on this node. Default: {@linkcode AGENT_LIMITS}`.RUNS`. */
  nodeRuns?: number;
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
  const { runner, log = silentLog } = options;
  started.defer(() => runner.close());

  const state = started.use(openStateDir(options.stateDir));
  const lost = hasLostRecords(state);
  const signer = loadAgentKey(state.key);
  const id = keyId(signer.publicKey);
  const isOperator = tokenCheck(loadOperatorToken(state.token));
  const store = started.use(Store.open(state.database));
  const clock = new TrustedClock(options.now, Number(getMeta(store, "clock_floor") ?? 0));
  const now = () => clock.now();
  const audit = started.use(new AuditLog({ store, signer, headFile: state.auditHead, now, log }));
  started.defer(() => store.flush());
  if (lost) await beginAfterLoss({ store, audit, agent: id, now: now() });
  await recordRestore({ store, audit, agent: id });

  const trust = new TrustStore(store, clock);
  const rules = await RulesInForce.load({ load: options.rules, trust, store, audit, log });
  const blobs = new ContentStore(state.blobs, AGENT_LIMITS.BLOB_BYTES);
  const modules = new ContentStore(state.modules, LIMITS.MODULE_BYTES);
  const housekeeper = started.use(
    new Housekeeper({
      stateDir: state.path,
      store,
      clock,
      blobs,
      modules,
      policy: () => rules.current.policy,
      retention: () => rules.current.retention,
      log,
    }),
  );
  const scriptBlobs = new ContentStore(state.scriptBlobs, AGENT_LIMITS.BLOB_BYTES);
  const swarm: SwarmService = new SwarmService({
    table: new SharedBlobTable(store),
    folder: state.partial,
    open: (sha256) => scriptBlobs.open(sha256),
    addresses: (list) => peers.addressesFor(list),
    log,
  });
  const runs = started.use(
    await RunService.open({
      agent: id,
      signer,
      store,
      audit,
      clock,
      blobs,
      modules,
      scriptBlobs,
      swarm,
      askEndpoint: async (request) => await app.fetch(request, { remoteAddr: THIS_MACHINE }),
      scratchDir: scratchDir(state.path, id),
      runner,
      rules: () => rules.current,
      nodeRuns: options.nodeRuns ?? AGENT_LIMITS.RUNS,
      requireRoom: () => housekeeper.requireRoom(),
      log,
    }),
  );

  rules.onChange(() => runs.recheck());

  const hosts = [...options.hosts ?? [], ...rules.current.hosts ?? []];
  const address = options.listen ?? rules.current.listen ?? DEFAULT_LISTEN;
  const brought = rules.current.tls;
  const secured = await secure({
    address,
    hosts,
    ...(brought && { brought }),
    folder: state.tls,
    now: options.now ?? Date.now,
    log,
  });
  const ca = secured.authority;
  const stopping = new AbortController();
  const peers: PeerNetwork = started.use(
    new PeerNetwork({
      signer,
      rules: () => rules.current,
      now,
      addresses: () => addressesOf(server.url, hosts),
      ...(ca && { ca: ca.digest }),
      offered: () => swarm.offered,
      log,
    }),
  );
  const calls = new Calls({
    signer,
    nonces: new CallNonces({ store, now, log }),
    now,
    policy: () => rules.current.policy,
    isPeer: (agent) => agent !== id && peers.isMember(agent),
  });
  const info = async () => ({
    agent: id,
    fleet: rules.current.policy.fleet,
    version: WRIT_VERSION,
    level: await runner.level().catch(() => null),
    deno: Deno.version.deno,
    ...(ca && { ca: ca.digest }),
  });
  const gauges = {
    store,
    started: now(),
    info,
    ...runs.gauges,
    ...(runner.cells && { cells: () => runner.cells!() }),
    state: () => ({ parts: housekeeper.usage.parts, limit: housekeeper.retention.stateBytes }),
    peers: () => ({
      known: peers.membership.view.all.length,
      blobs: swarm.offered.length,
      ...swarm.traffic,
    }),
  };
  const scrape = scrapes(store, gauges);
  started.use(sendTelemetry(store, gauges));
  const app = createApp({
    ...runs.parts,
    store,
    audit,
    blobs,
    modules,
    roots: trust.roots,
    acceptLists: trust.acceptLists,
    policy: () => rules.current.policy,
    reload: () => rules.reload(),
    stopping: stopping.signal,
    hosts: [...hosts, ...isLoopback(address.hostname) ? [] : [address.hostname]],
    ...(ca && { authority: ca.pem }),
    isOperator,
    calls,
    scripts: { ...runs.endpoint, level: () => runner.level() },
    swarm,
    peers,
    log,
    scrape,
    info,
  });
  const server = secured.serve((request, info) => app.fetch(request, info));
  started.defer(() => server.stop(AGENT_LIMITS.STOP_MS));
  started.defer(() => stopping.abort());
  writeDurably(state.address, server.url + "\n");
  started.defer(() => removeQuietly(state.address));

  const { fleet } = rules.current.policy;
  await store.write(() => audit.append({ event: "agent_started", detail: { agent: id, fleet } }));
  started.defer(async () => {
    await runs.stop();
    const row = { event: "agent_stopped", detail: { agent: id } } as const;
    await store.write(() => audit.append(row)).catch((error) => {
      log("error", "stop not recorded", { error: messageOf(error) });
    });
  });
  runs.begin();
  peers.begin();
  housekeeper.begin();
  const reload = () => rules.reload();
  const reloadQuietly = (asked: boolean) => rules.reload({ asked }).then(() => {}, () => {});
  started.use(onHangup(() => reloadQuietly(true)));
  if (options.watch !== undefined) {
    started.use(watchFolder(options.watch, () => reloadQuietly(false), log));
  }
  log("info", "agent ready", { agent: id, fleet, url: server.url, ...(ca && { ca: ca.digest }) });

  const running = started.move();
  let stopped: Promise<void> | undefined;
  const end = async (options: StopOptions) => {
    await runs.finish(options);
    await running.disposeAsync();
  };
  const stop = (options: StopOptions = {}) => stopped ??= end(options);
  const pinned = ca && { ca: ca.digest };
  return { id, url: server.url, ...pinned, reload, stop, [Symbol.asyncDispose]: () => stop() };
}
