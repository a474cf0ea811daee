import { PeerError, type SignedCall } from "../../peer/mod.ts";
import { AgentError, messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { recordsSince } from "../state/lost_records.ts";
import { getMeta, setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

/** Nonces are forgotten together, a span at a time. */
const SPAN_MS = 60_000;
const FLOOR = "calls_floor";
/**
 * How long a nonce may be in memory alone, of a call that changes nothing: answered once more after
 * a crash, it tells its caller what it was told before.
 */
const READ_MS = 1_000;

/** What {@linkcode CallNonces} work with. */
export interface CallNoncesOptions {
  store: Store;
  now(): number;
  log: Log;
}

/** Nonces of one span, by the key that used them. */
type Span = Map<string, Set<string>>;

/**
 * The nonces of signed calls, so that each call is answered once, also after a restart. Only what
 * a known key signed comes here, each key has a share, and what has expired is forgotten, so
 * nobody can fill memory or disk.
 *
 * What was forgotten leaves a floor: a clock that is set back revives no call. Nor does the loss of
 * the records, or a restore of older ones: what was called before is taken for answered.
 */
export class CallNonces {
  readonly #options: CallNoncesOptions;
  /** By the end of the span in which they expire. */
  readonly #spans = new Map<number, Span>();
  readonly #counts = new Map<string, number>();
  #count = 0;
  readonly #since: number;
  #floor: number;
  #unstored: { key: string; nonce: string; expires: number }[] = [];
  #storing: Promise<void> | undefined;

  constructor(options: CallNoncesOptions) {
    this.#options = options;
    const { store } = options;
    this.#since = recordsSince(store);
    this.#floor = Number(getMeta(store, FLOOR) ?? 0);
    const rows = store.sql("SELECT key, nonce, expires FROM call_nonces").all();
    for (const row of rows) this.#remember(row as never);
  }

  /**
   * Takes a call's nonce.
   *
   * @param durably Whether to wait until it is on disk: before anything that changes something.
   *   Otherwise it is stored within a second.
   * @throws {PeerError} replayed – it was used before
   * @throws {PeerError} expired – it may have been, and is no longer known
   * @throws {AgentError} busy – as many calls were made as can be remembered
   * @throws {AgentError} disk_full, state_unreadable – it cannot be stored
   */
  async take({ key, nonce, created, expires }: SignedCall, durably: boolean): Promise<void> {
    this.#forget();
    if (expires <= this.#floor || created < this.#since) {
      throw new PeerError("expired", "Cannot answer a call that is older than what was forgotten");
    }
    if (this.#spans.get(spanOf(expires))?.get(key)?.has(nonce)) {
      throw new PeerError("replayed", `Cannot answer a call twice: ${nonce} by ${key}`);
    }
    if (
      this.#count >= AGENT_LIMITS.CALLS_REMEMBERED ||
      (this.#counts.get(key) ?? 0) >= AGENT_LIMITS.CALLS_OF_ONE_KEY
    ) {
      throw new AgentError("busy", `Cannot answer a call as ${key} made too many`);
    }
    this.#remember({ key, nonce, expires });
    this.#unstored.push({ key, nonce, expires });
    const stored = this.#store(durably);
    if (durably) await stored;
    else stored.catch((error) => this.#options.log("error", "call not recorded", messageIn(error)));
  }

  #remember({ key, nonce, expires }: { key: string; nonce: string; expires: number }): void {
    const end = spanOf(expires);
    const span: Span = this.#spans.get(end) ?? new Map();
    this.#spans.set(end, span);
    const nonces = span.get(key) ?? new Set();
    span.set(key, nonces.add(nonce));
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
    this.#count++;
  }

  /** Drops spans that are over; on disk with the next call that is stored. */
  #forget(): void {
    const now = this.#options.now();
    for (const [end, span] of this.#spans) {
      if (end > now) continue;
      this.#spans.delete(end);
      this.#floor = Math.max(this.#floor, end);
      for (const [key, { size }] of span) {
        this.#count -= size;
        const left = this.#counts.get(key)! - size;
        if (left > 0) this.#counts.set(key, left);
        else this.#counts.delete(key);
      }
    }
  }

  /** All that came in since the last commit, in one change. */
  #store(durably: boolean): Promise<void> {
    const { store } = this.#options;
    const change = () => {
      this.#storing = undefined;
      const rows = this.#unstored;
      this.#unstored = [];
      for (const { key, nonce, expires } of rows) {
        store.sql("INSERT INTO call_nonces VALUES (?, ?, ?)").run(expires, key, nonce);
      }
      const floor = String(this.#floor);
      if (getMeta(store, FLOOR) === floor) return;
      store.sql("DELETE FROM call_nonces WHERE expires <= ?").run(this.#floor);
      setMeta(store, FLOOR, floor);
    };
    if (durably) return store.write(change);
    return this.#storing ??= store.writeLater(change, READ_MS);
  }
}

function spanOf(expires: number): number {
  return Math.ceil(expires / SPAN_MS) * SPAN_MS;
}

function messageIn(error: unknown): { error: string } {
  return { error: messageOf(error) };
}
