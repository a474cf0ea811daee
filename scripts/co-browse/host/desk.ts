import type { Link, Receiver } from "../link/link.ts";
import { HOST } from "../session/host.ts";
import { obey } from "../session/obey.ts";
import type { Session } from "../session/session.ts";
import { type DeskMessage, deskMessage, readMessage } from "../wire/guest_message.ts";
import type { HostMessage } from "../wire/host_message.ts";
import type { Onlooker } from "./mirror_feed.ts";
import { LinkConnection } from "./reception.ts";
import type { SharedBrowser } from "./shared_browser.ts";

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
  open(shared: Pick<SharedBrowser, "session" | "look">, link: Link): Receiver {
    const page = new LinkConnection(link);
    if (this.#pages.size >= PAGES) {
      page.close();
      return { take() {}, lost() {} };
    }
    this.#pages.add(page);
    const preview = new Preview(page);
    for (const message of shared.session.story()) page.send(message);
    return {
      take(text) {
        const message = readMessage(text, deskMessage);
        if (!message) page.close();
        else if (message.t === "look") preview.turn(message.on, shared);
        else take(shared.session, message, page);
      },
      lost: () => {
        this.#pages.delete(page);
        preview.end();
      },
    };
  }
}

/** What others see, for the sharing person to look at. */
class Preview implements Onlooker {
  connection: LinkConnection | undefined;
  readonly #page: LinkConnection;
  #seq = 0;

  constructor(page: LinkConnection) {
    this.#page = page;
  }

  turn(on: boolean, shared: Pick<SharedBrowser, "look">): void {
    this.connection = on ? this.#page : undefined;
    // Where the browser is gone, the page asks again when it is back.
    if (on) shared.look(this).catch(() => {});
  }

  end(): void {
    this.connection = undefined;
  }

  send(message: HostMessage): void {
    this.connection?.send(message);
  }

  sendMirror(rest: string): void {
    this.connection?.sendText(`{"t":"mirror","seq":${++this.#seq},`, rest);
  }
}

function take(
  session: Session,
  message: Exclude<DeskMessage, { t: "look" }>,
  page: LinkConnection,
): void {
  switch (message.t) {
    case "invite":
      return page.send({ t: "invited", rights: message.rights, ...session.invite(message.rights) });
    case "say":
      return session.say(HOST, message.text);
    case "mark":
      return session.mark(session.people[0]!, message.element);
    default:
      return obey(session, message);
  }
}
