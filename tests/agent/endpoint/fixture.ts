import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import type { Grant } from "../../../runtime/core/documents/grant.ts";
import type { Manifest } from "../../../runtime/core/documents/manifest.ts";
import { TestAgent } from "../agent_fixture.ts";
import { TestFleet } from "../fixture.ts";

/** An agent in whose real cells a script answers requests. */
export class ServingAgent implements AsyncDisposable {
  readonly test: TestAgent;
  /** What the grant of the script is, from the next reload on. */
  grant: Partial<Grant>;

  private constructor(test: TestAgent, grant: Partial<Grant>) {
    this.test = test;
    this.grant = grant;
  }

  /**
   * @param body Of the module's default export: `fetch(request, ctx) { … }`, say.
   * @param module The whole module instead.
   */
  static async start(
    body: string,
    grant: Partial<Grant> = {},
    manifest: Partial<Manifest> = {},
    module = `export default { ${body} };`,
  ): Promise<ServingAgent> {
    const fleet = new TestFleet();
    const policy = fleet.policy.bind(fleet);
    const granted: { of?: ServingAgent } = {};
    const base = { serve: ["loopback" as const], ...grant };
    fleet.policy = (change = {}) => {
      const full = fleet.grant(granted.of?.grant ?? base);
      const { limits } = full;
      const ceiling = { permissions: {}, limits: { ...limits, runs: 1000 } };
      return policy({ ceiling, grants: new Map([[fleet.script, full]]), ...change });
    };
    fleet.publish("1.0.0", manifest, module);
    const test = await TestAgent.start({ runner: sandboxRunner() }, fleet);
    return granted.of = new ServingAgent(test, base);
  }

  get url(): string {
    return `${this.test.agent.url}/s/acme/echo`;
  }

  fetch(path = "/", init: RequestInit = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, init);
  }

  async text(path = "/", init: RequestInit = {}): Promise<string> {
    const response = await this.fetch(path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return text;
  }

  /** Status and code of an answer that refuses. */
  async refusal(path = "/", init: RequestInit = {}): Promise<[number, string]> {
    const response = await this.fetch(path, init);
    const { error } = await response.json();
    return [response.status, error.code];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.test[Symbol.asyncDispose]();
  }
}
