import type { Hono } from "hono";
import { AuditLog } from "../../runtime/agent/audit/audit_log.ts";
import { CallNonces } from "../../runtime/agent/calls/call_nonces.ts";
import { Calls } from "../../runtime/agent/calls/calls.ts";
import { TrustedClock } from "../../runtime/agent/clock.ts";
import { ContentStore } from "../../runtime/agent/content/content_store.ts";
import { createApp } from "../../runtime/agent/http/app.ts";
import { ScriptNotes } from "../../runtime/agent/hub_link/script_notes.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { makeFleet } from "../core/fixtures.ts";
import { Releases } from "../../runtime/agent/release/releases.ts";
import { RunService } from "../../runtime/agent/runs/run_service.ts";
import { tokenCheck } from "../../runtime/agent/state/operator_token.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { HubNoteTable } from "../../runtime/agent/store/hub_notes.ts";
import { SharedBlobTable } from "../../runtime/agent/store/shared_blobs.ts";
import { Peering } from "../../runtime/agent/peers/peering.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { TrustStore } from "../../runtime/agent/trust/trust_store.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import type { KeyId } from "../../runtime/core/documents/common.ts";
import { payloadType } from "../../runtime/core/dsse.ts";
import { generateSigner, keyId, type Signer } from "../../runtime/core/key.ts";
import { signRequest, verifyResponse } from "../../runtime/peer/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { FakeRunner, NOON, TestFleet } from "./fixture.ts";

const TOKEN = "operator".padEnd(43, "-");

/** An agent's HTTP interface without a socket. */
export class TestApp implements AsyncDisposable {
  readonly fleet = new TestFleet();
  readonly runner = new FakeRunner();
  readonly #folder = new TemporaryDir();
  readonly store = Store.open(statePaths(this.#folder.path).database);
  readonly blobs = new ContentStore(`${this.#folder.path}/blobs`, 1_000);
  readonly modules = new ContentStore(`${this.#folder.path}/modules`, 10_000);
  readonly #signer = generateSigner();
  readonly id = keyId(this.#signer.publicKey);
  readonly #clock = new TrustedClock(() => NOON);
  readonly trust = new TrustStore(this.store, this.#clock);
  readonly audit = new AuditLog({
    store: this.store,
    signer: this.#signer,
    headFile: `${this.#folder.path}/audit.head`,
    now: () => NOON,
    log: silentLog,
  });
  /** Agents that the policy names as peers. */
  readonly peers: { id: KeyId }[] = [];
  service!: RunService;
  app!: Hono;

  static async open(hosts: string[] = []): Promise<TestApp> {
    const test = new TestApp();
    const { store, audit, blobs, modules, runner, id, fleet } = test;
    const swarm = new Peering({
      signer: test.#signer,
      agent: id,
      rules: () => ({ policy: fleet.policy(), sources: [] }),
      reload: () => Promise.resolve(),
      trust: test.trust,
      now: () => NOON,
      addresses: () => [],
      ca: () => undefined,
      table: new SharedBlobTable(store),
      folder: `${test.#folder.path}/partial`,
      open: () => Promise.resolve(undefined),
      answer: async (request) => await test.app.fetch(request),
      log: silentLog,
    });
    test.service = await RunService.open({
      swarm,
      channels: swarm,
      clients: swarm,
      notes: new ScriptNotes({
        table: new HubNoteTable(store),
        rules: () => ({ policy: fleet.policy(), sources: [] }),
        now: () => NOON,
      }),
      askEndpoint: (request) => Promise.resolve(test.app.fetch(request)),
      agent: id,
      store,
      audit,
      signer: test.#signer,
      blobs,
      modules,
      scriptBlobs: new ContentStore(`${test.#folder.path}/script-blobs`, 1_000),
      scratchDir: `${test.#folder.path}/dirs`,
      runner,
      clock: test.#clock,
      rules: () => ({ policy: fleet.policy(), sources: [fleet.source()] }),
      nodeRuns: 8,
      log: silentLog,
    });
    test.app = createApp({
      swarm,
      channels: swarm,
      relaying: swarm,
      peers: swarm,
      ...test.service.parts,
      store,
      audit,
      blobs,
      modules,
      roots: test.trust.roots,
      acceptLists: test.trust.acceptLists,
      stopping: new AbortController().signal,
      policy: () => fleet.policy(),
      reload: () => Promise.resolve({ policy: fleet.policy().digest, changes: [] }),
      releases: new Releases({
        state: test.#folder.path,
        root: () => makeFleet(NOON).root(),
        sources: () => [],
        supervised: true,
        now: () => NOON,
        ...{ store, audit, log: silentLog },
      }),
      hosts,
      isOperator: tokenCheck(TOKEN),
      calls: test.calls(),
      log: silentLog,
      scrape: () => Promise.resolve({ type: "text/plain", text: "" }),
      info: () =>
        Promise.resolve({ agent: id, fleet: "test", version: "0.1.0", level: 1, deno: "2" }),
    });
    return test;
  }

  /** Signed calls, as after a start of the agent. */
  calls(): Calls {
    return new Calls({
      signer: this.#signer,
      nonces: new CallNonces({ store: this.store, now: () => NOON, log: silentLog }),
      now: () => NOON,
      policy: () => this.fleet.policy(),
      isPeer: (id) => this.peers.some((peer) => peer.id === id),
    });
  }

  /** A request as a stranger on this machine would send it. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    return await this.app.request(`http://127.0.0.1:8799${path}`, init);
  }

  /** A request as the local operator would send it. */
  async ask(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${TOKEN}`);
    return await this.request(path, { ...init, headers });
  }

  /** A request that somebody signs; the answer must be signed in turn, unless it refuses the signature. */
  async call(
    signer: Signer,
    path: string,
    init: { method?: string; type?: string; body?: Uint8Array } = {},
  ): Promise<Response> {
    const { method = "GET", type = "application/octet-stream", body } = init;
    const headers = new Headers(body && { "content-type": type });
    const request = { method, url: `http://127.0.0.1:8799${path}`, headers };
    const digest = body && { digest: digestOf(body) };
    signRequest({ ...request, ...digest }, { signer, recipient: this.id, now: NOON });
    const response = await this.request(path, {
      method,
      headers,
      ...(body && { body: new Uint8Array(body) }),
    });
    if (response.headers.has("signature")) verifyResponse(response, request, this.id);
    return response;
  }

  async send(envelope: Uint8Array, type = payloadType("order")): Promise<Response> {
    return await this.request("/v1/orders", {
      method: "POST",
      headers: { "content-type": type },
      body: new Uint8Array(envelope),
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop();
    this.service[Symbol.dispose]();
    this.store.flush();
    this.audit[Symbol.dispose]();
    this.store[Symbol.dispose]();
    this.#folder[Symbol.dispose]();
  }
}

/** Status and code of an answer that refuses. */
export async function refusalOf(response: Response): Promise<[number, string]> {
  const { error } = await response.json();
  return [response.status, error.code];
}
