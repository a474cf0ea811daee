import type { KeyId } from "../../runtime/core/documents/common.ts";
import { sealDocument } from "../../runtime/core/dsse.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import type { Root } from "../../runtime/core/documents/root.ts";
import { parseEnrolToken } from "../../runtime/agent/hub_link/enrol_token.ts";
import { enrolAgent, type Enrolment } from "../../runtime/agent/hub_link/enrol.ts";
import { type Hub, type HubOptions, type Scope, SCOPES, startHub } from "../../runtime/hub/mod.ts";
import { FakeRunner, instant, TestFleet } from "../agent/fixture.ts";
import type { Log } from "../../runtime/agent/mod.ts";
import type { LoadRules } from "../../runtime/agent/trust/load_rules.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { PATIENCE_MS } from "../within.ts";
import { type Agent, startAgent } from "../../runtime/agent/agent.ts";

const YEAR_MS = 365 * 24 * 3_600_000;
export const WHO = "user:ada";

/** A hub on loopback with one tenant, "acme", whose fleet is a {@linkcode TestFleet}. */
export class TestHub implements AsyncDisposable {
  readonly fleet = new TestFleet();
  readonly rootKey = generateSigner();
  readonly acceptKey = generateSigner();
  readonly stateDir: string;
  readonly folder = new TemporaryDir();
  hub!: Hub;
  #options: Partial<HubOptions> = {};

  private constructor() {
    this.stateDir = `${this.folder.path}/hub`;
  }

  static async start(options: Partial<HubOptions> = {}): Promise<TestHub> {
    const test = new TestHub();
    try {
      await test.start(options);
      await test.addTenant("acme");
    } catch (error) {
      test.folder[Symbol.dispose]();
      throw error;
    }
    return test;
  }

  /** Starts it, or starts it again on the same port. */
  async start(options: Partial<HubOptions> = this.#options): Promise<void> {
    this.#options = options;
    const port = this.hub ? Number(new URL(this.hub.url).port) : 0;
    const listen = { hostname: "127.0.0.1", port };
    // A clock of a test's own goes evenly unless the test says otherwise.
    const { now, uptime = now } = options;
    const clock = { ...(uptime && { uptime }) };
    this.hub = await startHub({ stateDir: this.stateDir, listen, ...options, ...clock });
  }

  /** A token of the API with every scope. */
  async token(tenant = "acme", scopes: readonly Scope[] = SCOPES): Promise<string> {
    return (await this.services.tokens.create(tenant, WHO, { name: "test", scopes })).token;
  }

  /** Asks the API. */
  async ask(
    token: string | undefined,
    method: string,
    path: string,
    body?: BodyInit,
  ): Promise<Response> {
    return await fetch(this.hub.url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body }),
    });
  }

  get services() {
    return this.hub.services;
  }

  /** The first root of a tenant's fleet; it names the operator, and the hub's own key, as orderers. */
  root(tenant: string): Root {
    const only = (key: { publicKey: Root["roles"]["root"]["keys"][number] }) => ({
      keys: [key.publicKey],
      threshold: 1,
    });
    return {
      fleet: "test",
      version: 1,
      epoch: 1,
      issued: instant(Date.now() - 60_000),
      expires: instant(Date.now() + YEAR_MS),
      roles: { root: only(this.rootKey), accept: only(this.acceptKey) },
      orderers: {
        operator: only(this.fleet.operator),
        hub: only(this.hub.ordererOf(tenant)),
      },
    };
  }

  async addTenant(id: string, change: Partial<Root> = {}): Promise<void> {
    const envelope = sealDocument("root", { ...this.root(id), ...change }, [this.rootKey]);
    await this.services.tenants.create("system", { id, roots: [envelope] });
  }

  /** Makes a token, and a machine that holds it. */
  async machine(options: { approved?: boolean; labels?: string[]; replaces?: KeyId } = {}) {
    const { token } = await this.services.enrolment.create("acme", WHO, {
      expiresMs: 60_000,
      approved: true,
      ...options,
    });
    return new TestMachine(this, token);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.hub.stop();
    this.folder[Symbol.dispose]();
  }
}

/** The time of an order that the tests' operator signs now. */
export function forAnHour(): { issued: string; expires: string } {
  return { issued: instant(whole(Date.now())), expires: instant(whole(Date.now() + 3_600_000)) };
}

function whole(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

/** A machine that enrols with a token and runs an agent. */
export class TestMachine implements AsyncDisposable {
  readonly folder = new TemporaryDir();
  readonly runner = new FakeRunner();
  readonly hub: TestHub;
  readonly token: string;
  /** Another hub than the one that it enrols at. */
  url: string | undefined;
  others: string[] = [];
  /** Known when it has enrolled. */
  id!: KeyId;
  agent: Agent | undefined;
  log: Log = () => {};

  constructor(hub: TestHub, token: string) {
    this.hub = hub;
    this.token = token;
  }

  get stateDir(): string {
    return `${this.folder.path}/state`;
  }

  /** As the token says, with the facts that the tests' policy lets out. */
  get hubEntry() {
    const { hub, tenant } = parseEnrolToken(this.token);
    const { url = this.hub.hub.url, others } = this;
    return { url, others, id: hub, tenant, facts: ["os", "versions"] as const };
  }

  /** Proves its key and spends its token. */
  async enrol(): Promise<Enrolment> {
    const { stateDir, token, hub: { hub: { url } } } = this;
    const enrolled = await enrolAgent({ stateDir, url, token, name: "machine", now: Date.now });
    this.id = enrolled.id;
    return enrolled;
  }

  /** What the agent works by; default: local rules by which operator and hub may order. */
  rules: LoadRules = () => {
    const { fleet, hub: { ordererOf } } = this.hub;
    const orderers = new Map([
      ["operator", { keys: [fleet.operator.publicKey], threshold: 1 }],
      ["hub", { keys: [ordererOf("acme").publicKey], threshold: 1 }],
    ]);
    const grants = new Map([[fleet.script, fleet.grant({ orders: ["operator", "hub"] })]]);
    const policy = fleet.policy({ orderers, grants });
    return Promise.resolve({ policy, sources: [fleet.source()], hub: this.hubEntry });
  };

  async start(): Promise<void> {
    this.agent = await startAgent({
      stateDir: this.stateDir,
      rules: this.rules,
      runner: this.runner,
      log: (...said) => this.log(...said),
      listen: { hostname: "127.0.0.1", port: 0 },
    });
  }

  /** Ends the agent and starts it with the same state. */
  async restart(): Promise<void> {
    await this.agent?.stop();
    this.runner.closed = false;
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.agent?.stop();
    this.folder[Symbol.dispose]();
  }
}

/** Waits until something that the hub tells of is as it should be. */
export async function until<T>(
  hub: TestHub,
  look: () => Promise<T | undefined | false>,
  tenant = "acme",
): Promise<T> {
  const changed: { resolve(): void }[] = [];
  using _listening = hub.services.events.on(tenant, () => {
    for (const { resolve } of changed.splice(0)) resolve();
  });
  for (const end = Date.now() + PATIENCE_MS; Date.now() < end;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    changed.push({ resolve });
    const found = await look();
    if (found) return found;
    const timer = setTimeout(resolve, 2_000);
    await promise;
    clearTimeout(timer);
  }
  throw new Error("it never came to be");
}
