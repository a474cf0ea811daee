import type { Stamp } from "../wire/guest_message.ts";
import type { HostMessage, Person } from "../wire/host_message.ts";
import type { Element, ElementPoint, Input, Stroke } from "../wire/input.ts";
import type { Guest } from "./guest.ts";

/** What a session asks of the browser that is shared, and of whoever stands by it. */
export interface HostSide {
  /**
   * Does to the browser what somebody with control did.
   *
   * @param isAllowed Asked when its turn has come: control may have been taken away meanwhile.
   */
  apply(input: Input, from: Guest, stamp: Stamp | undefined, isAllowed: () => boolean): void;
  point(from: Guest, at: ElementPoint | null): void;
  mark(from: Marker, element: Element | null): void;
  draw(from: Marker, stroke: Stroke | null): void;
  /** Brings somebody to where the browser is. */
  sync(guest: Guest): void;
  /** For the person at this machine: people, control, chat. */
  tell(message: HostMessage): void;
  /** For the log: never content. */
  audit(event: string, data: Readonly<Record<string, unknown>>): void;
}

/** Who points something out. */
export type Marker = Pick<Person, "id" | "name" | "color">;
