import type { Link, Receiver } from "../link/link.ts";
import { HOST } from "../session/host.ts";
import { obey } from "../session/obey.ts";
import type { Session } from "../session/session.ts";
import { type DeskMessage, deskMessage, readMessage } from "../wire/guest_message.ts";
import type { HostMessage } from "../wire/host_message.ts";
import { LinkConnection } from "./reception.ts";

/** Pages of the sharing person that are open at the same time. */
const PAGES = 8;

/** Where the sharing person invites, admits, gives and takes control, and stops. */
export class Desk {
  readonly #pages = new Set<LinkConnection>();

  /** For all pages of the sharing person. */
  tell(message: HostMessage): void {
    for (const page of this.#pages) page.send(message);
  }

  /** A page that has proven that it is the sharing person's. */
  open(session: Session, link: Link): Receiver {
    const page = new LinkConnection(link);
    if (this.#pages.size >= PAGES) {
      page.close();
      return { take() {}, lost() {} };
    }
    this.#pages.add(page);
    for (const message of session.story()) page.send(message);
    return {
      take: (text) => {
        const message = readMessage(text, deskMessage);
        if (message) take(session, message, page);
        else page.close();
      },
      lost: () => void this.#pages.delete(page),
    };
  }
}

function take(session: Session, message: DeskMessage, page: LinkConnection): void {
  switch (message.t) {
    case "invite":
      return page.send({ t: "invited", rights: message.rights, ...session.invite(message.rights) });
    case "say":
      return session.say(HOST, message.text);
    default:
      return obey(session, message);
  }
}
