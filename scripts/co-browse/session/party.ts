import type { Hello } from "../wire/guest_message.ts";
import type { EndReason } from "../wire/host_message.ts";
import { type Connection, Guest } from "./guest.ts";
import { Invitations, type Rights } from "./invitations.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { nameAmong, shownName } from "./names.ts";

/** How people come in. */
export interface PartyOptions {
  /** Of the session. */
  readonly id: string;
  /** Of the sharing person. */
  readonly name: string;
  readonly guests?: number;
  readonly invitationMs?: number;
  readonly returnMs?: number;
  /** This machine's own clock, milliseconds; it need not know the time of day. */
  now(): number;
  /** A key that nobody guesses: 48 hexadecimal digits. */
  newKey(): string;
}

/** Who wants to know that people come and go. */
export interface PartySide {
  /** Somebody sees the browser from now on. */
  joined(guest: Guest): void;
  /** Somebody is gone for good. */
  left(guest: Guest): void;
  changed(): void;
  /** For the log: never content. */
  audit(event: string, data: Readonly<Record<string, unknown>>): void;
}

/** Invitations, the sharing person's word on each guest, and guests who lose their connection. */
export class Party {
  readonly #options: PartyOptions;
  readonly #side: PartySide;
  readonly #invitations = new Invitations(SESSION_LIMITS.INVITATIONS);
  readonly #guests = new Map<string, Guest>();
  #came = 0;

  constructor(options: PartyOptions, side: PartySide) {
    this.#options = options;
    this.#side = side;
  }

  /** Everybody, also who waits or is away. */
  get all(): Guest[] {
    return [...this.#guests.values()];
  }

  /** Whoever was let in and is there. */
  get present(): Guest[] {
    return this.all.filter(({ isIn, connection }) => isIn && connection);
  }

  get(id: string): Guest | undefined {
    return this.#guests.get(id);
  }

  /** Makes a key that lets one person ask to be let in. */
  invite(rights: Rights): { key: string; forMs: number } {
    const forMs = this.#options.invitationMs ?? SESSION_LIMITS.INVITATION_MS;
    const key = this.#options.newKey();
    this.#invitations.add(key, rights, this.#options.now() + forMs);
    this.#audit("invited", { rights });
    return { key, forMs };
  }

  /**
   * Somebody comes, or comes back. A key is used up by this, whatever comes of it.
   *
   * @returns Nothing where they are refused, and told so.
   */
  hello(hello: Hello, connection: Connection): Guest | undefined {
    if (hello.session !== this.#options.id) return this.#turnAway(connection, "invitation");
    const returning = this.all.find((guest) => guest.isReturning(hello.key));
    if (returning) return this.#comeBack(returning, connection);
    const now = this.#options.now();
    const rights = this.#invitations.redeem(hello.key, now);
    if (!rights) return this.#turnAway(connection, "invitation");
    const most = this.#options.guests ?? SESSION_LIMITS.GUESTS;
    if (this.#guests.size >= most) return this.#turnAway(connection, "full");
    const number = ++this.#came;
    const taken = [this.#options.name, ...this.all.map(({ name }) => name)];
    const name = nameAmong(taken, shownName(hello.name) || `Guest ${number}`);
    const guest = new Guest(number, { name, kind: hello.kind }, rights, now);
    guest.connection = connection;
    this.#guests.set(guest.id, guest);
    this.#askToWait(guest);
    this.#audit("asks_to_join", { who: guest.id, name: guest.name });
    this.#side.changed();
    return guest;
  }

  /** The sharing person lets somebody in: from now on, and not before, they see something. */
  admit(id: string): void {
    const guest = this.#guests.get(id);
    if (!guest || guest.isIn) return;
    guest.isIn = true;
    guest.waitsSince = this.#options.now();
    this.#audit("joined", { who: guest.id, name: guest.name });
    if (guest.connection) this.#welcome(guest);
    this.#side.changed();
  }

  /** Somebody leaves, or must. */
  end(guest: Guest, why: EndReason): void {
    if (!this.#guests.delete(guest.id)) return;
    guest.end(why);
    this.#audit("left", { who: guest.id, name: guest.name, why });
    this.#side.left(guest);
    this.#side.changed();
  }

  /** A connection broke; its guest may come back. */
  lost(guest: Guest, connection: Connection): void {
    if (guest.connection !== connection) return;
    guest.connection = undefined;
    this.#waitsAgain(guest);
    this.#audit("away", { who: guest.id, name: guest.name });
    this.#side.changed();
  }

  /** Ends waiting that lasted too long. */
  tick(): void {
    const now = this.#options.now();
    const returnMs = this.#options.returnMs ?? SESSION_LIMITS.RETURN_MS;
    for (const guest of this.all) {
      const waited = now - guest.waitsSince;
      if (!guest.isIn && waited >= SESSION_LIMITS.CONSENT_MS) this.end(guest, "not_admitted");
      else if (!guest.connection && waited >= returnMs) this.end(guest, "over");
    }
  }

  #comeBack(guest: Guest, connection: Connection): Guest {
    guest.connection?.end("replaced");
    guest.connection = connection;
    this.#waitsAgain(guest);
    this.#audit("back", { who: guest.id, name: guest.name });
    if (guest.isIn) this.#welcome(guest);
    else this.#askToWait(guest);
    this.#side.changed();
    return guest;
  }

  /** Who was not let in yet waits for that since they came, however often they come back. */
  #waitsAgain(guest: Guest): void {
    if (guest.isIn) guest.waitsSince = this.#options.now();
  }

  #welcome(guest: Guest): void {
    const { id: session } = this.#options;
    guest.send({ t: "welcome", session, you: guest.id, resume: this.#newReturnKey(guest) });
    this.#side.joined(guest);
  }

  #askToWait(guest: Guest): void {
    guest.send({ t: "wait", resume: this.#newReturnKey(guest), host: this.#options.name });
  }

  #turnAway(connection: Connection, why: EndReason): undefined {
    this.#audit("refused", { why });
    connection.end(why);
  }

  #newReturnKey(guest: Guest): string {
    const key = this.#options.newKey();
    guest.returnKey = key;
    return key;
  }

  #audit(event: string, data: Readonly<Record<string, unknown>>): void {
    this.#side.audit(event, { session: this.#options.id, ...data });
  }
}
