import type { Link, Receiver } from "../link/link.ts";
import type { Connection, Guest } from "../session/guest.ts";
import type { Session } from "../session/session.ts";
import { guestMessage, hello, readMessage } from "../wire/guest_message.ts";
import type { HostMessage } from "../wire/host_message.ts";
import { toParts } from "../wire/parts.ts";

/** How long a link may be silent before it says who it is. */
export const HELLO_MS = 10_000;

/** Makes a guest of whoever comes by a link with a key, and is nobody until then. */
export function receive(session: Session, link: Link): Receiver {
  const connection = new LinkConnection(link);
  let guest: Guest | undefined;
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

/** Messages as texts that a link takes. */
export class LinkConnection implements Connection {
  readonly #link: Link;
  #isClosed = false;

  constructor(link: Link) {
    this.#link = link;
  }

  get waiting(): number {
    return this.#link.waiting;
  }

  send(message: HostMessage): void {
    if (this.#isClosed) return;
    for (const part of toParts(JSON.stringify(message))) this.#link.send(part);
  }

  close(): void {
    this.#isClosed = true;
    this.#link.close();
  }
}
