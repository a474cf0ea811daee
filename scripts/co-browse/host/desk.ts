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

/** Kinds of messages that mean nothing without the page. */
const OVER_PAGE: ReadonlySet<HostMessage["t"]> = new Set(["point", "draw"]);

/** Where the sharing person invites, admits, gives and takes control, and stops. */
export class Desk {
  readonly #pages = new Map<LinkConnection, Preview>();

  /** For all pages of the sharing person; what is seen over the shared page, for those that show it. */
  tell(message: HostMessage): void {
    for (const [page, preview] of this.#pages) {
      if (OVER_PAGE.has(message.t)) preview.send(message);
      else page.send(message);
    }
  }

  /** A page that has proven that it is the sharing person's. */
  open(shared: Pick<SharedBrowser, "session" | "look">, link: Link): Receiver {
    const page = new LinkConnection(link);
    if (this.#pages.size >= PAGES) {
      page.close();
      return { take() {}, lost() {} };
    }
    const preview = new Preview(page);
    this.#pages.set(page, preview);
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
    case "draw":
      return session.draw(session.people[0]!, message.stroke);
    default:
      return obey(session, message);
  }
}
