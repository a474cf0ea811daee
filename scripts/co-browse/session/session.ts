import type { TabList } from "../browser/tabs.ts";
import type { GuestMessage, Hello, Stamp } from "../wire/guest_message.ts";
import type { EndReason, HostMessage, Person, Refusal } from "../wire/host_message.ts";
import type { Element, ElementPoint, Input, Stroke } from "../wire/input.ts";
import { Chat } from "./chat.ts";
import { fieldOf, Fields } from "./fields.ts";
import type { Connection, Guest } from "./guest.ts";
import { HOST, hostPerson } from "./host.ts";
import type { HostSide, Marker } from "./host_side.ts";
import type { Rights } from "./invitations.ts";
import { Lease } from "./lease.ts";
import { SESSION_LIMITS } from "./limits.ts";
import { Party, type PartyOptions } from "./party.ts";
import { Pointers } from "./pointers.ts";
import { Shown } from "./shown.ts";

/** How a session is held. */
export interface SessionOptions extends PartyOptions {
  /** Whether who asks for control gets it at once while the sharing person holds it. */
  readonly isFree: boolean;
  readonly leaseMs?: number;
}

/**
 * Who is in, who may drive, and what each is told. Knows no browser and no socket.
 *
 * The host puts everything in sequence: what guests do comes to it, and from it to all others.
 */
export class Session {
  /** Who wrote each field last, as the host knows it. */
  readonly fields = new Fields();
  readonly #options: SessionOptions;
  readonly #host: HostSide;
  readonly #party: Party;
  readonly #lease: Lease;
  readonly #chat = new Chat();
  readonly #shown = new Shown();
  readonly #pointers = new Pointers((from, at) => this.#toOthers({ t: "point", from, at }, "web"));
  #shownMs = "";
  #ended: EndReason | undefined;

  constructor(options: SessionOptions, host: HostSide) {
    this.#options = options;
    this.#host = host;
    this.#lease = new Lease(options.leaseMs ?? SESSION_LIMITS.LEASE_MS, options.isFree);
    this.#party = new Party(options, {
      joined: (guest) => this.#joined(guest),
      left: ({ id }) => this.#lease.leave(id, this.#options.now()),
      changed: () => this.#tellWho(),
      audit: (event, data) => host.audit(event, data),
    });
  }

  get id(): string {
    return this.#options.id;
  }

  /** Why it is over; nothing while it is not. */
  get ended(): EndReason | undefined {
    return this.#ended;
  }

  /** Whoever was let in and is there. */
  get present(): readonly Guest[] {
    return this.#party.present;
  }

  /** Everybody, with the sharing person first. */
  get people(): Person[] {
    const { holder } = this.#lease;
    const host = hostPerson(this.#options.name, holder === undefined);
    return [host, ...this.#party.all.map((guest) => guest.seen(holder))];
  }

  /** Makes a key that lets one person ask to be let in. */
  invite(rights: Rights): { key: string; forMs: number } {
    return this.#party.invite(rights);
  }

  /** As {@linkcode Party.hello}; nobody comes any more once it is over. */
  hello(hello: Hello, connection: Connection): Guest | undefined {
    if (!this.#ended) return this.#party.hello(hello, connection);
    connection.end("invitation");
    return undefined;
  }

  /** As {@linkcode Party.admit}. */
  admit(id: string): void {
    if (!this.#ended) this.#party.admit(id);
  }

  /** The sharing person sends somebody away, at whatever time. */
  remove(id: string, why?: EndReason): void {
    const guest = this.#party.get(id);
    if (guest) this.#party.end(guest, why ?? (guest.isIn ? "stopped" : "not_admitted"));
  }

  /** The sharing person gives somebody control. */
  give(id: string): void {
    if (!this.#mayDrive(id)) return;
    this.#lease.give(id, this.#options.now());
    this.#tellWho();
  }

  /** The sharing person takes control back. */
  take(): void {
    this.#lease.take();
    this.#tellWho();
  }

  /** As {@linkcode Party.lost}. */
  lost(guest: Guest, connection: Connection): void {
    if (!this.#ended) this.#party.lost(guest, connection);
  }

  /**
   * Takes a message of a guest; one who was not let in can only leave.
   *
   * @param message Nothing for what could not be read: that ends the guest's stay.
   */
  receive(guest: Guest, connection: Connection, message: GuestMessage | undefined): void {
    const now = this.#options.now();
    if (this.#ended || guest.connection !== connection) return;
    if (!guest.mayPost(now)) return this.#party.end(guest, "too_fast");
    if (message?.t === "leave") return this.#party.end(guest, "over");
    if (!message || !guest.isIn) return this.#party.end(guest, "malformed");
    switch (message.t) {
      case "input":
        return this.#drive(guest, message.input, message.stamp);
      case "point":
        if (!guest.mayPoint(now)) return;
        this.#host.point(guest, message.at);
        return this.point(guest.id, message.at);
      case "mark":
        if (guest.mayPoint(now)) this.mark(guest, message.element);
        return;
      case "draw":
        return guest.mayDraw(now, message.stroke) ? this.draw(guest, message.stroke) : undefined;
      case "say":
        return guest.mayChat(now)
          ? this.say(guest.id, message.text)
          : this.refuse(guest, "refused");
      case "ask":
        if (guest.rights !== "drive") return this.refuse(guest, "only_watching");
        this.#lease.ask(guest.id, now);
        return this.#tellWho();
      case "yield": {
        if (this.#lease.holder !== guest.id) return;
        const to = message.to !== undefined && this.#mayDrive(message.to) ? message.to : undefined;
        this.#lease.yield(to, now);
        return this.#tellWho();
      }
      case "done":
        return guest.latency.done(message.seq, now);
      case "resync":
        guest.send(this.#shown.tabs());
        return this.#host.sync(guest);
    }
  }

  /** Tells somebody that what they did had no effect. */
  refuse(guest: Guest, why: Refusal): void {
    guest.send({ t: "not", why });
  }

  /** The sharing person did something in the shared browser, which is always theirs to drive. */
  local(input: Input): void {
    const field = fieldOf(input);
    this.relay(HOST, input, field === undefined ? undefined : this.fields.write(field, HOST));
  }

  /** Tells the other browsers what somebody did. */
  relay(from: string, input: Input, stamp: Stamp | undefined): void {
    const now = this.#options.now();
    for (const guest of this.present) {
      if (guest.id === from || guest.kind !== "agent") continue;
      guest.sendNumbered((seq) => ({ t: "input", seq, from, input, ...(stamp && { stamp }) }), now);
    }
  }

  /** The shared browser has other pages now, or they are elsewhere. */
  show(list: TabList): void {
    const { messages, origins } = this.#shown.change(list);
    for (const message of messages) this.tell(message);
    if (this.present.length > 0) this.#auditSight(this.present, origins);
  }

  /** Somebody points somewhere: browsers hear of it at once, pages with the next frame. */
  point(from: string, at: ElementPoint | null): void {
    this.#toGuests({ t: "point", from, at }, from, "agent");
    this.#pointers.move(from, at);
  }

  say(from: string, text: string): void {
    this.tell(this.#chat.add(from, text));
  }

  /** Somebody points something out to all others. */
  mark(from: Marker, element: Element | null): void {
    this.#host.mark(from, element);
    this.#toOthers({ t: "mark", from: from.id, element });
  }

  /** Somebody draws a part of a line over the page, or takes their lines away. */
  draw(from: Marker, stroke: Stroke | null): void {
    this.#host.draw(from, stroke);
    this.#toOthers({ t: "draw", from: from.id, stroke });
  }

  /** Tells everybody who is there. */
  tell(message: HostMessage): void {
    this.#toGuests(message);
    this.#host.tell(message);
  }

  /** Whatever time alone brings about; to be called every second or so. */
  tick(): void {
    if (this.#ended) return;
    this.#party.tick();
    // What is shown of somebody's latency may be old, by more than it matters.
    const before = this.#shownMs;
    this.#shownMs = this.people.map(({ ms }) => Math.round(Math.log2(ms || 1))).join();
    const hasExpired = this.#lease.expire(this.#options.now());
    if (hasExpired || this.#shownMs !== before) this.#tellWho();
  }

  /** Ends it for everybody, at once. */
  stop(why: EndReason): void {
    if (this.#ended) return;
    this.#ended = why;
    this.#pointers.end();
    for (const guest of this.#party.all) guest.end(why);
    this.#host.audit("ended", { session: this.id, why });
    this.#host.tell({ t: "ended", why });
  }

  /** What somebody is told who comes later: where, who, whose turn, and what was said. */
  story(): HostMessage[] {
    return [...this.#shown.story(), ...this.#who(), ...this.#chat.story];
  }

  #drive(guest: Guest, asked: Input, stamp: Stamp | undefined): void {
    // Others may look at a page of their own just now: they are told which one is meant.
    const input: Input = { tab: this.#shown.active, ...asked };
    guest.heard = Math.max(guest.heard, stamp?.n ?? 0);
    if (this.#lease.holder !== guest.id) return this.refuse(guest, "no_control");
    if (this.#shown.isOfHost(input)) return this.refuse(guest, "refused");
    const field = fieldOf(input);
    // A page has no fields of its own: what is typed there is written here.
    const isMissing = guest.kind === "agent" && (field !== undefined) !== (stamp !== undefined);
    const isForged = stamp && (stamp.by !== guest.id || !this.fields.isNear(stamp));
    if (isMissing || isForged) return this.refuse(guest, "stamp");
    this.#lease.use(this.#options.now());
    if (stamp && !this.fields.take(field!, stamp)) return;
    const { revoked } = this.#lease;
    this.#host.apply(input, guest, stamp, () => this.#lease.revoked === revoked);
  }

  #joined(guest: Guest): void {
    for (const message of this.story()) guest.send(message);
    this.#auditSight([guest], this.#shown.origins);
    this.#host.sync(guest);
  }

  /** Who saw which origin, and nothing of what stood there. */
  #auditSight(guests: readonly Guest[], origins: readonly string[]): void {
    const who = guests.map(({ id, name }) => ({ id, name }));
    for (const origin of origins) this.#host.audit("saw", { session: this.id, origin, who });
  }

  #mayDrive(id: string): boolean {
    const guest = this.#party.get(id);
    return guest !== undefined && guest.isIn && guest.rights === "drive";
  }

  #tellWho(): void {
    for (const message of this.#who()) this.tell(message);
  }

  #who(): HostMessage[] {
    const { holder = HOST, asking } = this.#lease;
    const leftMs = this.#lease.leftMs(this.#options.now()) ?? null;
    const people = { t: "people", people: this.people } as const;
    return [people, { t: "control", holder, leftMs, asking: [...asking] }];
  }

  /** All but whoever it is of; pages of the sharing person among them. */
  #toOthers(message: Extract<HostMessage, { from: string }>, kind?: Guest["kind"]): void {
    this.#toGuests(message, message.from, kind);
    if (message.from !== HOST) this.#host.tell(message);
  }

  #toGuests(message: HostMessage, except?: string, kind?: Guest["kind"]): void {
    for (const guest of this.present) {
      if (guest.id !== except && (kind ?? guest.kind) === guest.kind) guest.send(message);
    }
  }
}
