import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { ScriptName } from "../../core/documents/common.ts";
import type { Caller } from "../../core/documents/serve.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import { getMeta, setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";

/** The field of a query, and the header to the script, that a token stands in. */
export const PAGE_FIELD = "writ-page";

const META_KEY = "page_secret";
const SECRET_BYTES = 32;
/** Whose pages are told apart; an agent that signs needs no page. */
const KINDS: readonly Caller[] = ["loopback", "public"];

/**
 * What the pages of a script are known by when they ask it. Answers are sandboxed, so that pages have
 * no origin, and browsers send no `Referer` for them: only what they could read tells a script's own
 * page from a sandboxed one of anybody. A token holds for one script and one kind of caller, so that
 * what the public reads opens nothing to this machine's own.
 */
export class PageTokens {
  readonly #secret: Uint8Array;

  constructor(secret: Uint8Array = randomBytes(SECRET_BYTES)) {
    this.#secret = secret;
  }

  /** With a secret that outlives the agent, as pages do. */
  static kept(store: Store, log: Log): PageTokens {
    const known = getMeta(store, META_KEY);
    if (known !== undefined) return new PageTokens(Uint8Array.fromHex(known));
    const secret = new Uint8Array(randomBytes(SECRET_BYTES));
    store.writeLater(() => setMeta(store, META_KEY, secret.toHex())).catch((error) => {
      log("warn", "pages of scripts must be loaded again after a restart", {
        error: messageOf(error),
      });
    });
    return new PageTokens(secret);
  }

  of(script: ScriptName, caller: Caller): string {
    return createHmac("sha256", this.#secret).update(`${caller}\n${script}`).digest("base64url");
  }

  /** For whom the page was answered that asks; nothing where it is none of the script's. */
  callerOf(url: string, script: ScriptName): Caller | undefined {
    const token = new TextEncoder().encode(new URL(url).searchParams.get(PAGE_FIELD) ?? "");
    return KINDS.find((caller) => {
      const own = new TextEncoder().encode(this.of(script, caller));
      return own.length === token.length && timingSafeEqual(own, token);
    });
  }
}
