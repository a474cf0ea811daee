import type { ScriptFailure } from "./verdict.ts";

/** The URL that Deno gives a module of a cell; a script that names another shows its own text. */
const BLOB_URL = /^blob:null\/[0-9a-f-]{36}$/;
/** A stack line inside the worker's boot code, or inside Deno. */
const OUR_STACK_LINE = /^ +at .*(?:data:text\/javascript,|\bext:)/;

/** Makes what a script's failures say the author's own. */
export class FailureText {
  /** The blob URL the module was loaded from, as the harness told it; empty until then. */
  blob = "";
  readonly #scriptUrl: string;

  /** @param scriptUrl What stands in place of the blob's URL. */
  constructor(scriptUrl: string) {
    this.#scriptUrl = scriptUrl;
  }

  /** Shows the script's own name in place of the blob it was loaded from, without our frames. */
  named(failure: ScriptFailure): ScriptFailure {
    const rename = (text: string) => {
      const renamed = BLOB_URL.test(this.blob) ? text.replaceAll(this.blob, this.#scriptUrl) : text;
      return renamed.split("\n").filter((line) => !OUR_STACK_LINE.test(line)).join("\n");
    };
    return { ...failure, message: rename(failure.message), stack: rename(failure.stack) };
  }
}
