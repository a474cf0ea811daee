import assert from "node:assert/strict";
import type { Attachment } from "../../runtime/core/documents/order.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import type { SoakPlace } from "./place.ts";
import type { SoakScript } from "./script.ts";
import type { SoakAgent } from "./soak_agent.ts";

/** The most faults that are kept; beyond that they are only counted. */
const MAX_FAULTS = 20;

/** Gives orders, follows each to its end, and keeps what came of it. */
export class OrderBook {
  ended = 0;
  readonly kinds: Record<string, number> = {};
  readonly outcomes: Record<string, number> = {};
  readonly #agent: SoakAgent;
  readonly #place: SoakPlace;
  readonly #documents: readonly (Attachment & { bytes: Uint8Array })[];
  readonly #faults: string[] = [];
  #faultCount = 0;
  /** The outcome that each order's client was told. */
  readonly #told = new Map<string, string>();

  constructor(
    agent: SoakAgent,
    place: SoakPlace,
    documents: readonly (Attachment & { bytes: Uint8Array })[],
  ) {
    this.#agent = agent;
    this.#place = place;
    this.#documents = documents;
  }

  get faults(): string[] {
    const more = this.#faultCount - this.#faults.length;
    return more > 0 ? [...this.#faults, `and ${more} more`] : this.#faults;
  }

  /** One order from its signature to its outcome. Never rejects for what the agent does wrong. */
  async carryOut(script: SoakScript): Promise<void> {
    const input = script.input(this.ended);
    const attachments = this.#documents.slice(0, script.attachments ?? 0)
      .map(({ name, sha256, length }) => ({ name, sha256, length }));
    const { order, envelope } = this.#place.order(script, this.#agent.id, input, attachments);
    try {
      const outcome = await this.#follow(script, envelope);
      this.#told.set(order.id, outcome.outcome);
      this.#count(script, outcome);
      script.check(outcome, input);
    } catch (error) {
      this.#fault(`${script.name}, order ${order.id}: ${(error as Error).message}`);
    } finally {
      this.ended++;
    }
  }

  /** Every order has one run in the agent's records, with the outcome that was told. */
  async compareWithRecords(): Promise<void> {
    const left = new Map(this.#told);
    for await (const { id, order, state, outcome } of this.#agent.runs()) {
      const told = left.get(order);
      if (told === undefined) {
        this.#fault(`run ${id} is of no order, or a second of order ${order}`);
      }
      left.delete(order);
      if (state !== "ended") this.#fault(`run ${id} has not ended`);
      if (told !== undefined && told !== outcome?.outcome) {
        this.#fault(`run ${id} has another outcome than was told`);
      }
    }
    for (const order of left.keys()) this.#fault(`order ${order} has no run`);
  }

  async #follow(script: SoakScript, envelope: Uint8Array): Promise<Outcome> {
    const run = await this.#agent.order(envelope);
    if (typeof run === "string") throw new Error(`the order was refused: ${run}`);
    if (script.twice) assert.equal(await this.#agent.order(envelope), "replayed");
    const cancels: Promise<void>[] = [];
    const counts = await this.#agent.follow(run, () => {
      if (script.cancel) cancels.push(this.#agent.cancel(run));
    });
    await Promise.all(cancels);
    assert.equal(counts.get("outcome"), 1, "not exactly one outcome was told");
    const { state, outcome } = await this.#agent.run(run);
    assert.equal(state, "ended");
    return outcome!;
  }

  #count({ kind }: SoakScript, { outcome }: Outcome): void {
    this.kinds[kind] = (this.kinds[kind] ?? 0) + 1;
    this.outcomes[outcome] = (this.outcomes[outcome] ?? 0) + 1;
  }

  #fault(words: string): void {
    this.#faultCount++;
    if (this.#faults.length < MAX_FAULTS) this.#faults.push(words);
  }
}
