import apply from "./apply.js" with { type: "text" };
import boxes from "./boxes.js" with { type: "text" };
import capture from "./capture.js" with { type: "text" };
import elements from "./elements.js" with { type: "text" };
import gaps from "./gaps.js" with { type: "text" };
import masks from "./masks.js" with { type: "text" };
import mirror from "./mirror.js" with { type: "text" };
import overlay from "./overlay.js" with { type: "text" };
import recorded from "./recorded.js" with { type: "text" };
import secrets from "./secrets.js" with { type: "text" };
import state from "./state.js" with { type: "text" };

/** The isolated world of every document that this runs in: the page's own scripts do not see it. */
export const WORLD = "writ";
/** What that world is given to speak with the agent. */
export const BINDING = "writSend";
/** What it is called there. */
export const PAGE = "writPage";

/** What the admin wants unseen. */
export interface Unseen {
  readonly mask: readonly string[];
  readonly hide: readonly string[];
}

/** How documents look from their start. */
export interface Looks {
  /** What the page is marked with, as shared; empty where it is not. */
  readonly sign: string;
  /** Whether what is unseen stands in black boxes, as frames of the page leave it. */
  readonly boxed: boolean;
}

/**
 * What runs in each document from its start: masks first, as all others ask them. Frames of other
 * origins have nothing but the masks.
 */
export function pageSource(unseen: Unseen, { sign, boxed }: Looks): string {
  return `(() => {
if (globalThis.${PAGE}) return;
// A page's first document is empty, and the next one takes over its world as it is.
if (window === top && location.href === "about:blank") return;
const isOurs = (() => { try { return window === top || top.document !== null; } catch { return false; } })();
const page = globalThis.${PAGE} = {
  document: crypto.randomUUID(),
  isTop: window === top,
  signText: window === top ? ${JSON.stringify(sign)} : "",
  nodeById: () => undefined,
  idOf: () => -1,
  // What the agent asks is told on, too.
  answer: (name, args) => {
    const answer = page[name](...args);
    return answer === undefined ? undefined : page.toText(answer);
  },
  // To the agent alone.
  report: (event) => ${BINDING}(JSON.stringify(event)),
  // To whoever follows.
  send: (event) => {
    const text = page.toText({ ...event, at: Date.now() });
    ${BINDING}(text);
    return text.length;
  },
};
${call(masks, unseen)}
if (!page.masksHold) return page.report({ type: "bad-masks" });
${call(secrets)}
${call(boxes)}
page.lookAround();
if (${boxed}) page.box(true);
page.hello = () => page.send({ type: "hello", document: page.document });
if (page.isTop) page.hello();
if (!isOurs) return;
${
    [elements, state, apply, capture, overlay, gaps, recorded, mirror].map((part) => call(part))
      .join("\n")
  }
})();
//# sourceURL=writ-page.js`;
}

/** An expression that has the page's content recorded from now on. */
export async function mirrorSource(): Promise<string> {
  const { default: record } = await import("@rrweb/record", { with: { type: "text" } });
  const body = String(record).replace(/export \{\s*record\s*\};[^]*$/, "return record;");
  return `if (window === top && globalThis.${PAGE}) ${PAGE}.beginMirror((() => {\n${body}\n})());`;
}

function call(part: string, ...args: readonly unknown[]): string {
  const source = part.replace(/^\/\/.*\n/gm, "").trimEnd().replace(/;$/, "");
  return `${source}(page${args.map((arg) => `, ${JSON.stringify(arg)}`).join("")});`;
}
