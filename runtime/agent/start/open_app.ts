import type { Hono } from "hono";
import { WRIT_VERSION } from "../../core/version.ts";
import { CallNonces } from "../calls/call_nonces.ts";
import { Calls } from "../calls/calls.ts";
import { createApp } from "../http/app.ts";
import type { Peering } from "../peers/peering.ts";
import type { RulesInForce } from "../trust/rules_in_force.ts";
import type { Releases } from "../release/releases.ts";
import type { RunService } from "../runs/run_service.ts";
import type { Runner } from "../cells/runner.ts";
import type { TrustStore } from "../trust/trust_store.ts";
import { measure } from "./measure.ts";
import type { Content } from "./open_content.ts";
import type { Door } from "./open_door.ts";
import type { OpenState } from "./open_state.ts";

/** What the HTTP interface of an agent is made of. */
export interface OpenAppParts {
  readonly state: OpenState;
  readonly trust: TrustStore;
  readonly rules: RulesInForce;
  readonly content: Content;
  readonly runs: RunService;
  readonly runner: Runner;
  readonly door: Door;
  readonly releases: Releases;
  readonly peers: Peering;
  /** Aborted when the agent stops. */
  readonly stopping: AbortSignal;
}

/** Makes the HTTP interface, with the figures that it tells. */
export function openApp(started: AsyncDisposableStack, parts: OpenAppParts): Hono {
  const { state, trust, rules, content, runs, runner, door, releases, peers, stopping } = parts;
  const { agent, signer, store, audit, now, log, isOperator } = state;
  const { blobs, modules, housekeeper } = content;
  const { authority } = door;
  const policy = () => rules.current.policy;
  const calls = new Calls({
    signer,
    nonces: new CallNonces({ store, now, log }),
    now,
    policy,
    isPeer: (id) => peers.isPeer(id),
  });
  const info = async () => ({
    agent,
    fleet: policy().fleet,
    version: WRIT_VERSION,
    level: await runner.level().catch(() => null),
    deno: Deno.version.deno,
    ...(authority && { ca: authority.digest }),
  });
  const scrape = measure(started, { store, runner, runs, housekeeper, peers, now, info });
  return createApp({
    ...runs.parts,
    store,
    audit,
    blobs,
    modules,
    roots: trust.roots,
    acceptLists: trust.acceptLists,
    policy,
    reload: () => rules.reload(),
    releases,
    stopping,
    hosts: door.ownHosts,
    ...(authority && { authority: authority.pem }),
    isOperator,
    calls,
    scripts: { ...runs.endpoint, level: () => runner.level() },
    swarm: peers,
    channels: peers,
    relaying: peers,
    peers,
    log,
    scrape,
    info,
  });
}
