import type { AgentOptions } from "../../../runtime/agent/agent.ts";
import { sandboxRunner } from "../../../runtime/agent/cells/sandbox_runner.ts";
import type { ChannelSettings } from "../../../runtime/core/documents/channel.ts";
import type { Grant } from "../../../runtime/core/documents/grant.ts";
import type { PeerEntry } from "../../../runtime/policy/mod.ts";
import { okResult } from "../../ok_result.ts";
import { TestAgent } from "../agent_fixture.ts";
import { TestFleet } from "../fixture.ts";

/** Says hello to who joins, and gives what happens until it was told to stop, or has seen enough. */
const SCRIPT = `export default {
  async run(input, ctx) {
    const { name = "room", say = [], until = "stop", hello } = input;
    const channel = await ctx.channel(name);
    const seen = [];
    ctx.emit("open");
    for await (const event of channel) {
      if (event.type === "message" && event.data instanceof Uint8Array) {
        event.data = { bytes: event.data.length };
      }
      seen.push(event);
      if (event.type === "joined") {
        for (const data of say) await channel.send(data, { to: event.peer });
        if (hello) ctx.emit("sent", await channel.send(hello));
      }
      ctx.emit(event.type, event.peer);
      if (event.type === until || event.data === until) break;
    }
    return { seen, peers: await channel.peers() };
  },
};`;

/** Agents of one fleet that know each other by their policies, and whose scripts have channels. */
export class ChannelOffice implements AsyncDisposable {
  readonly agents: TestAgent[] = [];
  readonly #peers: PeerEntry[] = [];
  readonly #script: string;

  constructor(script = SCRIPT) {
    this.#script = script;
  }

  /**
   * @param channel What the grant says there; `null`: it lends none.
   * @param now Its clock.
   */
  async join(channel: ChannelSettings | null = {}, now = Date.now): Promise<TestAgent> {
    const fleet = fleetWith(channel === null ? {} : { channel }, this.#script);
    const test = await TestAgent.start({ ...this.#options(fleet), now }, fleet);
    this.agents.push(test);
    const { id, url } = test.agent;
    this.#peers.push({ name: `agent-${this.agents.length}`, id, url, labels: ["desk"] });
    for (const { agent } of this.agents) await agent.reload();
    return test;
  }

  /** Stops an agent, and starts it again where it was. */
  async restart(test: TestAgent): Promise<void> {
    const port = Number(new URL(test.agent.url).port);
    await test.agent.stop();
    await test.start({ ...this.#options(test.fleet), listen: { hostname: "127.0.0.1", port } });
  }

  /** Puts an agent of another process into every policy. */
  async know(peer: PeerEntry): Promise<void> {
    this.#peers.push(peer);
    for (const { agent } of this.agents) await agent.reload();
  }

  /** Takes an agent out of every policy. */
  async forget({ agent: { id } }: TestAgent): Promise<void> {
    this.#peers.splice(this.#peers.findIndex((peer) => peer.id === id), 1);
    for (const { agent } of this.agents) await agent.reload();
  }

  #options(fleet: TestFleet): Partial<AgentOptions> {
    const rules = () =>
      Promise.resolve({
        policy: fleet.policy(),
        sources: [fleet.source()],
        peers: [...this.#peers],
      });
    return { runner: sandboxRunner(), rules, now: Date.now };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const agent of this.agents) await agent[Symbol.asyncDispose]();
  }
}

/** A fleet whose script is lent this. */
export function fleetWith(capabilities: Grant["capabilities"], script = SCRIPT): TestFleet {
  const fleet = new TestFleet();
  const limits: Grant["limits"] = { ...fleet.grant().limits, wallMs: 60_000, runs: 4 };
  const policy = fleet.policy.bind(fleet);
  fleet.policy = (change = {}) =>
    policy({
      grants: new Map([[fleet.script, fleet.grant({ capabilities, limits })]]),
      ceiling: { permissions: {}, limits },
      ...change,
    });
  fleet.publish("1.0.0", {}, script);
  return fleet;
}

/** Orders a run now, by the clock of its agent; its number. */
export async function begin(
  test: TestAgent,
  input: unknown,
  now: number = Date.now(),
): Promise<number> {
  const instant = (at: number) => new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  const { run } = await test.order({
    input,
    issued: instant(now),
    expires: instant(now + 60_000),
  });
  return run;
}

/** What a run of the tests' script heard on its channel. */
export interface Seen {
  type: string;
  data?: unknown;
  peer?: string;
}

/** What a run gave, once it has ended. */
export async function resultOf<T = unknown>(test: TestAgent, run: number): Promise<T> {
  return okResult((await test.ended(run)).outcome);
}

/** Resolves when a run has emitted an event, with its data. */
export async function emitted(test: TestAgent, run: number, name: string): Promise<unknown> {
  const events = await test.ask(`/v1/runs/${run}/events`);
  let text = "";
  for await (const piece of events.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const event = text.split("\n\n").map(dataOf).find((data) => data?.name === name);
    if (event) return event.data;
  }
  throw new Error(`the run ended without ${name}: ${text}`);
}

function dataOf(event: string): { name?: string; data?: unknown } | undefined {
  const line = event.split("\n").find((line) => line.startsWith("data:"));
  try {
    return line && JSON.parse(line.slice("data:".length));
  } catch {
    return undefined;
  }
}
