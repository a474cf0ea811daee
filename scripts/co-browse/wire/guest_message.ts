import { browserInput, element, elementPoint, stroke } from "./input.ts";
import { WIRE_LIMITS } from "./limits.ts";
import {
  anyOf,
  boolean,
  object,
  oneOf,
  pattern,
  type Shape,
  type Shaped,
  text,
  whole,
} from "./shape.ts";

/** What names a session, a person in it, and what lets somebody in. */
export const sessionId = pattern(/^[0-9a-f]{16}$/);
export const personId = pattern(/^p[0-9]{1,6}$/);
export const secret = pattern(/^[0-9a-f]{48}$/);

/** When a field was written: a count that grows, and who wrote, for two with the same. */
export const stamp = object({ n: whole(0, Number.MAX_SAFE_INTEGER), by: personId });
export type Stamp = Shaped<typeof stamp>;

/** The first message, and the only one before somebody was let in. */
export const hello = object({
  t: oneOf("hello"),
  v: oneOf(1),
  session: sessionId,
  /** An invitation, or what was told for coming back. */
  key: secret,
  name: text(WIRE_LIMITS.NAME_CHARS, 1),
  /** With a browser of one's own, or with a page that shows the host's. */
  kind: oneOf("agent", "web"),
});
export type Hello = Shaped<typeof hello>;

/** What somebody who was let in may say. */
export const guestMessage = anyOf(
  object({ t: oneOf("input"), input: browserInput }, { stamp }),
  object({ t: oneOf("point"), at: anyOf(elementPoint, oneOf(null)) }),
  object({ t: oneOf("mark"), element: anyOf(element, oneOf(null)) }),
  /** Null for all lines of one's own: they are taken away. */
  object({ t: oneOf("draw"), stroke: anyOf(stroke, oneOf(null)) }),
  object({ t: oneOf("say"), text: text(WIRE_LIMITS.CHAT_CHARS, 1) }),
  object({ t: oneOf("ask") }),
  object({ t: oneOf("yield") }, { to: personId }),
  /** A message of the host has taken effect here. */
  object({ t: oneOf("done"), seq: whole(0, Number.MAX_SAFE_INTEGER) }),
  object({ t: oneOf("resync") }),
  object({ t: oneOf("leave") }),
);
export type GuestMessage = Shaped<typeof guestMessage>;

/** The first message of a page on the sharing machine. */
export const desk = object({ t: oneOf("desk"), key: secret });

/** What only such a page may say. */
export const deskMessage = anyOf(
  object({ t: oneOf("invite"), rights: oneOf("watch", "drive") }),
  object({ t: oneOf("admit"), person: personId }),
  object({ t: oneOf("refuse"), person: personId }),
  object({ t: oneOf("give"), person: personId }),
  object({ t: oneOf("take") }),
  object({ t: oneOf("stop") }),
  object({ t: oneOf("say"), text: text(WIRE_LIMITS.CHAT_CHARS, 1) }),
  object({ t: oneOf("mark"), element: anyOf(element, oneOf(null)) }),
  object({ t: oneOf("draw"), stroke: anyOf(stroke, oneOf(null)) }),
  /** Whether this page shows what others see. */
  object({ t: oneOf("look"), on: boolean }),
);
export type DeskMessage = Shaped<typeof deskMessage>;

/**
 * Reads a message of somebody who may mean ill.
 *
 * @returns Nothing for what is too long, no JSON, or of another shape.
 */
export function readMessage<T>(text: unknown, shape: Shape<T>): T | undefined {
  if (typeof text !== "string" || text.length > WIRE_LIMITS.GUEST_CHARS) return undefined;
  try {
    const value = JSON.parse(text);
    return shape(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
