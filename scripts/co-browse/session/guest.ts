import type { EndReason, HostMessage, Person } from "../wire/host_message.ts";
import type { Hello } from "../wire/guest_message.ts";
import type { Stroke } from "../wire/input.ts";
import { WIRE_LIMITS } from "../wire/limits.ts";
import { Bucket } from "./bucket.ts";
import { hashOf, type Rights } from "./invitations.ts";
import { Latency } from "./latency.ts";

/** Where messages for somebody go. */
export interface Connection {
  send(message: HostMessage): void;
  /** The same for what is text already, in pieces: it may be long, and the same for many. */
  sendText(...pieces: string[]): void;
  /** Says why it is over, and closes. What else has not gone by then does not go. */
  end(why: EndReason): void;
  /** Characters that were sent and may not have gone yet. */
  readonly waiting: number;
}

/** Told apart on white and on black, and by those who see no red or no green. */
const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a6d00"];

/** Somebody who came with an invitation. */
export class Guest {
  readonly id: string;
  readonly name: string;
  readonly color: string;
  readonly kind: Hello["kind"];
  readonly rights: Rights;
  readonly latency = new Latency();
  /** Whether the sharing person has let them in. */
  isIn = false;
  connection: Connection | undefined;
  /** The highest count of what they wrote and the session has looked at. */
  heard = 0;
  /** Since when the connection, or the word of the sharing person, is missing. */
  waitsSince: number;
  #seq = 0;
  #returnHash: string | undefined;
  readonly #messages = new Bucket(WIRE_LIMITS.MESSAGES_PER_SECOND, WIRE_LIMITS.MESSAGES_AT_ONCE);
  readonly #syncs = new Bucket(WIRE_LIMITS.SYNCS_PER_SECOND, WIRE_LIMITS.SYNCS_AT_ONCE);
  readonly #points = new Bucket(WIRE_LIMITS.POINTS_PER_SECOND, WIRE_LIMITS.POINTS_PER_SECOND);
  readonly #drawn = new Bucket(WIRE_LIMITS.DRAWN_PER_SECOND, WIRE_LIMITS.DRAWN_AT_ONCE);
  readonly #lines = new Bucket(WIRE_LIMITS.LINES_PER_SECOND, WIRE_LIMITS.LINES_AT_ONCE);

  constructor(
    number: number,
    { name, kind }: Pick<Guest, "name" | "kind">,
    rights: Rights,
    now: number,
  ) {
    this.id = `p${number}`;
    this.name = name;
    this.color = COLORS[(number - 1) % COLORS.length]!;
    this.kind = kind;
    this.rights = rights;
    this.waitsSince = now;
  }

  send(message: HostMessage): void {
    this.connection?.send(message);
  }

  /**
   * Sends what has an effect over there.
   *
   * @param now To measure how long that takes; left out where it is a whole page, not a change.
   */
  sendNumbered(message: (seq: number) => HostMessage, now?: number): void {
    if (!this.connection) return;
    this.#seq++;
    if (now !== undefined) this.latency.sent(this.#seq, now);
    this.connection.send(message(this.#seq));
  }

  /**
   * Sends what is to be seen.
   *
   * @param rest Of the message, without its number: the same for all who see it.
   * @param now As above.
   */
  sendMirror(rest: string, now?: number): void {
    this.#seq++;
    if (now !== undefined) this.latency.sent(this.#seq, now);
    this.connection?.sendText(`{"t":"mirror","seq":${this.#seq},`, rest);
  }

  end(why: EndReason): void {
    this.connection?.end(why);
    this.connection = undefined;
  }

  /** Whether one more message is no flood. */
  mayPost(now: number): boolean {
    return this.#messages.take(now);
  }

  /** Whether they may be brought to where the shared browser is once more. */
  maySync(now: number): boolean {
    return this.#syncs.take(now);
  }

  mayPoint(now: number): boolean {
    return this.#points.take(now);
  }

  /** @param part Of a line. */
  mayDraw(now: number, part: Stroke | null): boolean {
    return this.#drawn.take(now, Math.max(part?.points.length ?? 0, WIRE_LIMITS.DRAWN_LEAST));
  }

  mayChat(now: number): boolean {
    return this.#lines.take(now);
  }

  /** What lets them in again, once. */
  set returnKey(key: string) {
    this.#returnHash = hashOf(key);
  }

  isReturning(key: string): boolean {
    return this.#returnHash === hashOf(key);
  }

  /** As others see them. */
  seen(holder: string | undefined): Person {
    const { id, name, color, kind, rights, isIn } = this;
    const role = !isIn
      ? "waiting"
      : holder === id
      ? "leader"
      : kind === "agent"
      ? "follower"
      : "viewer";
    const ms = this.latency.quantile(0.5);
    return { id, name, color, kind, role, rights, here: !!this.connection, ms: ms ?? null };
  }
}
