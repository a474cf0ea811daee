import assert from "node:assert/strict";
import { payloadType } from "../../runtime/core/dsse.ts";
import { type Agent, type AgentOptions, startAgent } from "../../runtime/agent/agent.ts";
import type { RunRecord } from "../../runtime/agent/store/runs.ts";
import { statePaths } from "../../runtime/agent/state/state_dir.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { FakeRunner, NOON, TestFleet } from "./fixture.ts";

/** A real agent over HTTP, with a fake runner and a clock that stands still unless it is moved. */
export class TestAgent implements AsyncDisposable {
  readonly fleet: TestFleet;
  readonly runner: FakeRunner;
  readonly stateDir: string;
  now = NOON;
  agent!: Agent;
  /** What pins the agent's certificate, where it has one. */
  client?: Deno.HttpClient;
  readonly #folder: Disposable;

  private constructor(fleet: TestFleet) {
    this.fleet = fleet;
    this.runner = new FakeRunner();
    const folder = new TemporaryDir();
    this.#folder = folder;
    this.stateDir = `${folder.path}/state`;
  }

  static async start(
    options: Partial<AgentOptions> = {},
    fleet: TestFleet = new TestFleet(),
  ): Promise<TestAgent> {
    const test = new TestAgent(fleet);
    try {
      await test.start(options);
    } catch (error) {
      test.#folder[Symbol.dispose]();
      throw error;
    }
    return test;
  }

  async start(options: Partial<AgentOptions> = {}): Promise<void> {
    this.agent = await startAgent({
      stateDir: this.stateDir,
      rules: () => Promise.resolve({ policy: this.fleet.policy(), sources: [this.fleet.source()] }),
      runner: this.runner,
      listen: { hostname: "127.0.0.1", port: 0 },
      now: () => this.now,
      ...options,
    });
  }

  /** Sends an order's envelope. */
  send(envelope: Uint8Array): Promise<Response> {
    return fetch(`${this.agent.url}/v1/orders`, {
      method: "POST",
      headers: { "content-type": payloadType("order") },
      body: new Uint8Array(envelope),
      ...(this.client && { client: this.client }),
    });
  }

  /** Orders the script; must be accepted. */
  async order(change: Parameters<TestFleet["order"]>[1] = {}): Promise<{ run: number }> {
    const response = await this.send(this.fleet.order(this.agent.id, change).envelope);
    const body = await response.json();
    if (response.status !== 202) throw new Error(`${response.status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Asks as the local operator. */
  ask(path: string, init: RequestInit = {}): Promise<Response> {
    const token = Deno.readTextFileSync(statePaths(this.stateDir).token).trim();
    const headers = new Headers(init.headers);
    headers.set("authorization", `Bearer ${token}`);
    const pinned = this.client && { client: this.client };
    return fetch(`${this.agent.url}${path}`, { ...init, headers, ...pinned });
  }

  async run(id: number): Promise<RunRecord> {
    return await (await this.ask(`/v1/runs/${id}`)).json();
  }

  /** Follows a run to its end, by its events. */
  async ended(id: number): Promise<RunRecord> {
    await (await this.ask(`/v1/runs/${id}/events`)).text();
    return await this.run(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent?.stop();
    this.client?.close();
    this.#folder[Symbol.dispose]();
  }
}

/** The rule that refused a run. */
export async function ruleOf(test: TestAgent, run: number): Promise<string> {
  const { outcome } = await test.ended(run);
  assert.equal(outcome?.outcome, "refused", JSON.stringify(outcome));
  return (outcome as { detail: { rule: string } }).detail.rule;
}
