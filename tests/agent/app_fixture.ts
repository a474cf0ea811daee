import type { Hono } from "hono";
import { AuditLog } from "../../runtime/agent/audit/audit_log.ts";
import { TrustedClock } from "../../runtime/agent/clock.ts";
import { ContentStore } from "../../runtime/agent/content_store.ts";
import { createApp } from "../../runtime/agent/http/app.ts";
import { silentLog } from "../../runtime/agent/log.ts";
import { RunService } from "../../runtime/agent/runs/run_service.ts";
import { tokenCheck } from "../../runtime/agent/state/operator_token.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { Store } from "../../runtime/agent/store/store.ts";
import { TrustStore } from "../../runtime/agent/trust/trust_store.ts";
import { payloadType } from "../../runtime/core/dsse.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { FakeRunner, NOON, temporaryFolder, TestFleet } from "./fixture.ts";

const TOKEN = "operator".padEnd(43, "-");

/** An agent's HTTP interface without a socket. */
export class TestApp implements AsyncDisposable {
  readonly fleet = new TestFleet();
  readonly runner = new FakeRunner();
  readonly #folder = temporaryFolder();
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
  service!: RunService;
  app!: Hono;

  static async open(hosts: string[] = []): Promise<TestApp> {
    const test = new TestApp();
    const { store, audit, blobs, modules, runner, id, fleet } = test;
    test.service = await RunService.open({
      agent: id,
      store,
      audit,
      blobs,
      modules,
      runner,
      clock: test.#clock,
      rules: () => ({ policy: fleet.policy(), sources: [fleet.source()] }),
      nodeRuns: 8,
      log: silentLog,
    });
    test.app = createApp({
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
      hosts,
      isOperator: tokenCheck(TOKEN),
      log: silentLog,
      scrape: () => Promise.resolve({ type: "text/plain", text: "" }),
      info: () =>
        Promise.resolve({ agent: id, fleet: "test", version: "0.1.0", level: 1, deno: "2" }),
    });
    return test;
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
