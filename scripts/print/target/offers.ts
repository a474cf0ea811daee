import type { QueueSettings } from "../settings.ts";
import type { SpoolContext } from "../spool/spool.ts";
import { offerThere } from "./hand_over.ts";
import {
  askOffer,
  type Offer,
  type PrinterHealth,
  readOffer,
  UNKNOWN_OFFER,
  writeOffer,
  type WrittenOffer,
} from "./offer.ts";

/** How old an answer may be that is given again, and one that said that there is none. */
const FRESH_MS = 60_000, FAILED_MS = 20_000;
/** A client that asks what a queue offers does not wait longer for its printer. */
const CLIENT_MS = 2_000;
/** The most of an offer that goes into the store. */
const STORED_BYTES = 40_000;

/** Another agent says itself when its printer is not well. */
const HEALTHY: PrinterHealth = { accepting: true, state: 3, reasons: [] };

interface Known {
  readonly offer: Offer;
  readonly health: PrinterHealth | undefined;
  readonly at: number;
}

/** What the printers behind queues offer, as it was when they last answered. */
export class Offers {
  readonly #known = new Map<string, Known>();

  /** What is known without asking. */
  of({ name }: QueueSettings): Offer {
    return this.#known.get(name)?.offer ?? UNKNOWN_OFFER;
  }

  /** How the printer was when it last answered; `undefined` when it does not answer. */
  lastHealth({ name }: QueueSettings): PrinterHealth | undefined {
    return this.#known.get(name)?.health;
  }

  /** What is known, asked again when it is old; as it was when the printer does not answer soon. */
  async current(ctx: SpoolContext, queue: QueueSettings): Promise<Offer> {
    const known = this.#known.get(queue.name) ?? await this.#stored(ctx, queue);
    const freshMs = known.health ? FRESH_MS : FAILED_MS;
    if (Date.now() - known.at > freshMs) {
      try {
        const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(CLIENT_MS)]);
        await this.#ask(ctx, queue, signal);
      } catch {
        ctx.signal.throwIfAborted();
        this.#known.set(queue.name, { ...known, health: undefined, at: Date.now() });
      }
    }
    return this.of(queue);
  }

  /**
   * Asks the printer how it is.
   *
   * @throws {PrintError} unavailable, bad_answer, refused
   */
  async healthOf(ctx: SpoolContext, queue: QueueSettings): Promise<PrinterHealth> {
    try {
      return await this.#ask(ctx, queue, ctx.signal);
    } catch (error) {
      const offer = this.of(queue);
      this.#known.set(queue.name, { offer, health: undefined, at: Date.now() });
      throw error;
    }
  }

  async #ask(
    ctx: SpoolContext,
    queue: QueueSettings,
    signal: AbortSignal,
  ): Promise<PrinterHealth> {
    const { target } = queue;
    const { offer, health } = target.kind === "printer"
      ? await askOffer({ ...target, user: "writ" }, signal)
      : { offer: await offerThere({ ...ctx, signal }, { ...queue, target }), health: HEALTHY };
    const before = this.#known.get(queue.name);
    this.#known.set(queue.name, { offer, health, at: Date.now() });
    const written = writeOffer(offer);
    const changed = !before || writeOffer(before.offer).attributes !== written.attributes;
    if (changed && written.attributes.length < STORED_BYTES) {
      await ctx.store.set(keyOf(queue), written);
    }
    return health;
  }

  async #stored(ctx: SpoolContext, queue: QueueSettings): Promise<Known> {
    const stored = await ctx.store.get<WrittenOffer>(keyOf(queue));
    const offer = stored ? readOffer(stored) : UNKNOWN_OFFER;
    const known: Known = { offer, health: undefined, at: 0 };
    if (!this.#known.has(queue.name)) this.#known.set(queue.name, known);
    return this.#known.get(queue.name)!;
  }
}

function keyOf({ name, target }: QueueSettings): string {
  return `offer/${name}/${target.kind === "printer" ? target.uri : target.agent}`.slice(0, 400);
}
