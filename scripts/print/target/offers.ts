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
/** How long a client waits for the printer, and where nothing is known of it that it could hear. */
const PATIENCE_MS = { known: 2_000, unknown: 10_000 };
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
    const known = await this.#knownOf(ctx, queue);
    const freshMs = known.health ? FRESH_MS : FAILED_MS;
    if (Date.now() - known.at > freshMs) await this.#try(ctx, queue, PATIENCE_MS.known);
    return this.of(queue);
  }

  /**
   * The same for who may keep the answer for good, as one does who adds a printer: one that was never
   * reached is asked each time, and waited for longer.
   */
  async described(ctx: SpoolContext, queue: QueueSettings): Promise<Offer> {
    const { offer } = await this.#knownOf(ctx, queue);
    if (offer !== UNKNOWN_OFFER) return await this.current(ctx, queue);
    await this.#try(ctx, queue, PATIENCE_MS.unknown);
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
      this.#failed(queue);
      throw error;
    }
  }

  async #try(ctx: SpoolContext, queue: QueueSettings, patienceMs: number): Promise<void> {
    try {
      const signal = AbortSignal.any([ctx.signal, AbortSignal.timeout(patienceMs)]);
      await this.#ask(ctx, queue, signal);
    } catch {
      ctx.signal.throwIfAborted();
      this.#failed(queue);
    }
  }

  #failed(queue: QueueSettings): void {
    const offer = this.of(queue);
    this.#known.set(queue.name, { offer, health: undefined, at: Date.now() });
  }

  async #ask(
    ctx: SpoolContext,
    queue: QueueSettings,
    signal: AbortSignal,
  ): Promise<PrinterHealth> {
    const before = await this.#knownOf(ctx, queue);
    const { target } = queue;
    const { offer, health } = target.kind === "printer"
      ? await askOffer({ ...target, user: "writ" }, signal)
      : { offer: await offerThere({ ...ctx, signal }, { ...queue, target }), health: HEALTHY };
    this.#known.set(queue.name, { offer, health, at: Date.now() });
    const written = writeOffer(offer);
    const changed = writeOffer(before.offer).attributes !== written.attributes;
    if (changed && written.attributes.length < STORED_BYTES) {
      await ctx.store.set(keyOf(queue), written);
    }
    return health;
  }

  async #knownOf(ctx: SpoolContext, queue: QueueSettings): Promise<Known> {
    const asked = this.#known.get(queue.name);
    if (asked) return asked;
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
