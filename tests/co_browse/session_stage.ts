import type { HostSide } from "../../scripts/co-browse/session/host_side.ts";
import { Session, type SessionOptions } from "../../scripts/co-browse/session/session.ts";
import type { Connection, Guest } from "../../scripts/co-browse/session/guest.ts";
import type { GuestMessage, Hello } from "../../scripts/co-browse/wire/guest_message.ts";
import type { Stroke } from "../../scripts/co-browse/wire/input.ts";
import type { EndReason, HostMessage } from "../../scripts/co-browse/wire/host_message.ts";

/** A connection that remembers what was sent. */
export class FakeConnection implements Connection {
  readonly sent: HostMessage[] = [];
  readonly waiting = 0;
  closed = false;

  send(message: HostMessage): void {
    this.sent.push(message);
  }

  sendText(...pieces: string[]): void {
    this.sent.push(JSON.parse(pieces.join("")));
  }

  end(why: EndReason): void {
    this.send({ t: "ended", why });
    this.closed = true;
  }

  /** Messages of one kind. */
  of<T extends HostMessage["t"]>(kind: T): Extract<HostMessage, { t: T }>[] {
    return this.sent.filter((message) => message.t === kind) as Extract<HostMessage, { t: T }>[];
  }

  last<T extends HostMessage["t"]>(kind: T): Extract<HostMessage, { t: T }> {
    return this.of(kind).at(-1)!;
  }
}

/** Somebody at the other end of a connection. */
export interface Visitor {
  readonly guest: Guest;
  readonly connection: FakeConnection;
  say(message: GuestMessage): void;
}

/** A session with a clock that is set by hand, whose host writes down what it is asked. */
export class SessionStage {
  now = 1_000;
  readonly applied: { from: string; input: unknown }[] = [];
  readonly drawn: { from: string; stroke: Stroke | null }[] = [];
  readonly told: HostMessage[] = [];
  readonly audited: { event: string; data: Readonly<Record<string, unknown>> }[] = [];
  readonly synced: string[] = [];
  readonly session: Session;
  #keys = 0;

  constructor(options: Partial<SessionOptions> = {}) {
    const host: HostSide = {
      apply: (input, from) => this.applied.push({ from: from.id, input }),
      point: () => {},
      mark: () => {},
      draw: ({ id }, stroke) => this.drawn.push({ from: id, stroke }),
      sync: ({ id }) => this.synced.push(id),
      tell: (message) => this.told.push(message),
      audit: (event, data) => this.audited.push({ event, data }),
    };
    this.session = new Session({
      id: "0123456789abcdef",
      name: "Anna",
      isFree: false,
      now: () => this.now,
      newKey: () => (++this.#keys).toString(16).padStart(48, "0"),
      ...options,
    }, host);
  }

  hello(key: string, more: Partial<Hello> = {}): Hello {
    const { id: session } = this.session;
    return { t: "hello", v: 1, session, key, name: "Ben", kind: "agent", ...more };
  }

  /** The shared browser has one page, which is there. */
  shows(url: string): void {
    this.session.show({ active: 1, tabs: [{ tab: 1, url }] });
  }

  /** Invites somebody, who comes and waits. */
  comes(more: Partial<Hello> = {}, rights: "watch" | "drive" = "drive"): Visitor {
    const { key } = this.session.invite(rights);
    const connection = new FakeConnection();
    const guest = this.session.hello(this.hello(key, more), connection)!;
    return {
      guest,
      connection,
      say: (message) => this.session.receive(guest, connection, message),
    };
  }

  /** Invites somebody, who comes and is let in. */
  joins(more: Partial<Hello> = {}, rights: "watch" | "drive" = "drive"): Visitor {
    const visitor = this.comes(more, rights);
    this.session.admit(visitor.guest.id);
    return visitor;
  }
}
