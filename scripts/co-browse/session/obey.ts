import type { DeskMessage } from "../wire/guest_message.ts";
import type { Session } from "./session.ts";

/** What the sharing person wants done, by an order or at their page. */
export type Wish = Extract<DeskMessage, { t: "admit" | "refuse" | "give" | "take" | "stop" }>;

/** Does what the sharing person wants. */
export function obey(session: Session, wish: Wish): void {
  switch (wish.t) {
    case "admit":
      return session.admit(wish.person);
    case "refuse":
      return session.remove(wish.person);
    case "give":
      return session.give(wish.person);
    case "take":
      return session.take();
    case "stop":
      return session.stop("stopped");
  }
}
