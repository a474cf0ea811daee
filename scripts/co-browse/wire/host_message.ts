import { browserInput, element, elementPoint, stroke, tab } from "./input.ts";
import { personId, secret, sessionId, type Stamp, stamp } from "./guest_message.ts";
import { WIRE_LIMITS } from "./limits.ts";
import {
  anyOf,
  boolean,
  list,
  number,
  object,
  oneOf,
  pattern,
  type Shape,
  type Shaped,
  text,
  whole,
} from "./shape.ts";

/** Why somebody was not let in, or cannot stay. */
const END_REASONS = [
  /** The key is none, was used, or is too old: one word for all, so that nobody learns which. */
  "invitation",
  /** The sharing person said no, or did not answer. */
  "not_admitted",
  /** As many as may be are there already. */
  "full",
  /** More messages than anybody needs. */
  "too_fast",
  /** They take so little of what is told that all the rest had to wait. */
  "behind",
  /** A message that is none. */
  "malformed",
  /** Somebody came with the same key, in place of this connection. */
  "replaced",
  /** The sharing person ended it. */
  "stopped",
  /** It had its time. */
  "over",
] as const;
export type EndReason = (typeof END_REASONS)[number];

/** Why something that was said had no effect. */
const REFUSALS = [
  /** Somebody else has control. */
  "no_control",
  /** The invitation is for watching. */
  "only_watching",
  /** A stamp that lies too far ahead would win for ever. */
  "stamp",
  /** The field is masked: nobody drives it from elsewhere. */
  "masked",
  /** There is no such element, or it is not to be seen. */
  "gone",
  /** The browser would not. */
  "refused",
  /** The page is more than can be shown by a link. */
  "too_large",
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** A browser dies and is started again; a page does not answer, and does so later. */
const BROWSER_STATES = ["gone", "back", "silent", "answers"] as const;
export type BrowserState = (typeof BROWSER_STATES)[number];

const name = text(WIRE_LIMITS.NAME_CHARS, 1);
const seq = whole(0, Number.MAX_SAFE_INTEGER);
const url = text(WIRE_LIMITS.URL_CHARS);
const color = pattern(/^#[0-9a-f]{6}$/);

/** Somebody in the session, as all others see them. */
export const person = object({
  id: personId,
  name,
  color,
  kind: oneOf("host", "agent", "web"),
  role: oneOf("host", "leader", "follower", "viewer", "waiting"),
  rights: oneOf("watch", "drive"),
  here: boolean,
  /** From an event to its effect there, as measured; null where nobody knows. */
  ms: anyOf(number(0, 1e9), oneOf(null)),
});
export type Person = Shaped<typeof person>;

/** What the host says; a guest believes it no more than the host believes a guest. */
export const hostMessage = anyOf(
  /** `host` is the name of whoever is asked. */
  object({ t: oneOf("wait"), resume: secret, host: name }),
  object({ t: oneOf("welcome"), session: sessionId, you: personId, resume: secret }),
  object({ t: oneOf("people"), people: list(person, 200) }),
  object({
    t: oneOf("control"),
    holder: personId,
    /** Until it goes back to the host if nothing is done with it; null for the host's own. */
    leftMs: anyOf(number(0, 1e9), oneOf(null)),
    asking: list(personId, 200),
  }),
  object({ t: oneOf("input"), seq, from: personId, input: browserInput }, { stamp }),
  /** All that brings a browser to where the shared one is, with who wrote it. */
  object({
    t: oneOf("state"),
    seq,
    /** The highest count of what this guest wrote that was looked at before. */
    heard: seq,
    done: list(object({ input: browserInput }, { stamp }), WIRE_LIMITS.STATE_INPUTS),
  }),
  object({
    t: oneOf("mirror"),
    seq,
    /** Whether this begins anew. */
    fresh: boolean,
    document: text(100),
    events: list(((value): value is unknown => value !== undefined) as Shape<unknown>, 5_000),
  }),
  object({ t: oneOf("page"), url }),
  /** All pages of the shared browser, and the one that is looked at. */
  object({ t: oneOf("tabs"), active: tab, tabs: list(object({ tab, url }), 100) }),
  object({ t: oneOf("point"), from: personId, at: anyOf(elementPoint, oneOf(null)) }),
  object({ t: oneOf("mark"), from: personId, element: anyOf(element, oneOf(null)) }),
  object({ t: oneOf("draw"), from: personId, stroke: anyOf(stroke, oneOf(null)) }),
  object({ t: oneOf("said"), from: personId, text: text(WIRE_LIMITS.CHAT_CHARS, 1) }),
  object({ t: oneOf("not"), why: oneOf(...REFUSALS) }),
  /** What became of the shared browser, or of the page that is looked at in it. */
  object({ t: oneOf("browser"), state: oneOf(...BROWSER_STATES) }),
  object({ t: oneOf("invited"), key: secret, rights: oneOf("watch", "drive"), forMs: seq }),
  object({ t: oneOf("ended"), why: oneOf(...END_REASONS) }),
);
export type HostMessage = Shaped<typeof hostMessage>;
export type { Stamp };
