import type { KeyId } from "../../../runtime/core/documents/common.ts";
import { TestFleet } from "../fixture.ts";
import { LightAgent, type LightRules } from "./light_agent.ts";

/** Agents that the policy names to begin with; all others are found through them. */
const SEEDS = 3;

/** How long agents took to find each other. */
export interface FindingReport {
  readonly asked: number;
  readonly found: number;
  /** The slowest, milliseconds. */
  readonly slowestMs: number;
}

/** Many light agents in one process, each with a listener of its own. */
export class LightFleet implements AsyncDisposable {
  readonly agents: LightAgent[] = [];
  /** Added to the local clock. */
  aheadMs = 0;
  readonly #bytes = new Map<KeyId, number>();

  constructor(size: number) {
    let rules: LightRules = { policy: new TestFleet().policy(), peers: [] };
    const now = () => Date.now() + this.aheadMs;
    const called = (by: KeyId, bytes: number) => this.#count(by, bytes);
    for (let i = 0; i < size; i++) this.agents.push(new LightAgent(() => rules, now, called));
    const labels = new Map(this.agents.map(({ id }) => [id, ["office"]]));
    const peers = this.agents.slice(0, SEEDS)
      .map(({ id, url }, i) => ({ name: `seed-${i}`, id, url, labels: [] }));
    rules = { policy: new TestFleet().policy({ labels }), peers };
  }

  /** Bytes of HTTP that each agent has sent and got, as who asks and as who answers. */
  get traffic(): number[] {
    return this.agents.map(({ id, served }) => served + (this.#bytes.get(id) ?? 0));
  }

  /** Has each agent gossip once, some at the same time. */
  async round(): Promise<void> {
    await eachOf(this.agents, ({ network }) => network.membership.gossip(never));
  }

  /** Has some agents, one after another, look for another by its id alone that they do not know. */
  async find(count: number): Promise<FindingReport> {
    let [asked, found, slowestMs] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const { network } = this.agents[Math.floor(i * this.agents.length / count)]!;
      const { membership: { view } } = network;
      const strangers = this.agents.filter(({ id }) => id !== network.id && !view.get(id));
      const stranger = strangers[i % strangers.length];
      if (!stranger) continue;
      const before = performance.now();
      const peer = await network.resolve(stranger.id, AbortSignal.timeout(10_000));
      slowestMs = Math.max(slowestMs, performance.now() - before);
      asked++;
      if (peer?.agent === stranger.id) found++;
    }
    return { asked, found, slowestMs };
  }

  /** Whether the agents know a few of the others, and no more, however many there are. */
  get largestView(): number {
    return Math.max(...this.agents.map(({ network }) => network.membership.view.all.length));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent[Symbol.asyncDispose]()));
  }

  #count(by: KeyId, bytes: number): void {
    this.#bytes.set(by, (this.#bytes.get(by) ?? 0) + bytes);
  }
}

const never = new AbortController().signal;
/** Agents at work at the same time, as one process has one processor. */
const AT_ONCE = 8;

async function eachOf<T>(items: readonly T[], work: (item: T, index: number) => Promise<void>) {
  const left = [...items.entries()].values();
  const one = async () => {
    for (const [index, item] of left) await work(item, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}
