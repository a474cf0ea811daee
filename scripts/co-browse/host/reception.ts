import type { Link, Receiver } from "../link/link.ts";
import type { Connection, Guest } from "../session/guest.ts";
import type { Session } from "../session/session.ts";
import { guestMessage, hello, readMessage } from "../wire/guest_message.ts";
import type { EndReason, HostMessage } from "../wire/host_message.ts";
import { WIRE_LIMITS } from "../wire/limits.ts";
import { BROKEN_OFF, isBegun, toParts } from "../wire/parts.ts";

/** How long a link may be silent before it says who it is. */
export const HELLO_MS = 10_000;

/** Makes a guest of whoever comes by a link with a key, and is nobody until then. */
export function receive(session: Session, link: Link): Receiver {
  let guest: Guest | undefined;
  const connection = new LinkConnection(link, () => guest && session.remove(guest.id, "behind"));
  const silent = setTimeout(() => link.close(), HELLO_MS);
  return {
    take(text) {
      clearTimeout(silent);
      if (guest) return session.receive(guest, connection, readMessage(text, guestMessage));
      const message = readMessage(text, hello);
      if (message) guest = session.hello(message, connection);
      if (!guest) link.close();
    },
    lost() {
      clearTimeout(silent);
      if (guest) session.lost(guest, connection);
    },
  };
}

/** Characters that a link is given at once: a page for many must not be there once for each. */
const AT_ONCE_CHARS = 300_000;
const PAUSE_MS = 10;

/** Messages as texts that a link takes, long ones no faster than it does. */
export class LinkConnection implements Connection {
  readonly #link: Link;
  readonly #onBehind: () => void;
  readonly #parts: Iterator<string>[] = [];
  #chars = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** Whether a text was begun that is longer. */
  #isWithin = false;

  /** @param onBehind Told that too much waits; where there is none, it is closed. */
  constructor(link: Link, onBehind: () => void = () => this.close()) {
    this.#link = link;
    this.#onBehind = onBehind;
  }

  get waiting(): number {
    return this.#link.waiting + this.#chars;
  }

  send(message: HostMessage): void {
    this.sendText(JSON.stringify(message));
  }

  sendText(...pieces: string[]): void {
    if (this.#isClosed) return;
    if (this.waiting > WIRE_LIMITS.WAITING_CHARS) return this.#onBehind();
    this.#parts.push(toParts(pieces));
    for (const { length } of pieces) this.#chars += length;
    if (this.#timer === undefined) this.#pump();
  }

  end(why: EndReason): void {
    if (this.#isClosed) return;
    if (this.#isWithin) this.#link.send(BROKEN_OFF);
    const ended: HostMessage = { t: "ended", why };
    for (const part of toParts([JSON.stringify(ended)])) this.#link.send(part);
    this.close();
  }

  /** Without a word. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#link.close();
  }

  #pump(): void {
    this.#timer = undefined;
    while (this.#parts.length > 0 && this.#link.waiting < AT_ONCE_CHARS) {
      const { done, value } = this.#parts[0]!.next();
      if (done) {
        this.#parts.shift();
        continue;
      }
      this.#chars -= value.length - 1;
      this.#isWithin = isBegun(value);
      this.#link.send(value);
    }
    if (this.#parts.length > 0) this.#timer = setTimeout(() => this.#pump(), PAUSE_MS);
  }
}
