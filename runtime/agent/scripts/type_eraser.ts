import { decodeUtf8 } from "../../core/canonical_json.ts";
import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { EraseTypes } from "../../core/module.ts";
import { ERASER_LIMITS, eraseTypes } from "../../sandbox/mod.ts";
import { AGENT_LIMITS } from "../limits.ts";
import { NodeRefusal } from "./node_refusal.ts";
import type { Runner } from "../cells/runner.ts";

/**
 * Erases the types of modules, each in a cell of its own, see {@linkcode eraseTypes}. In the agent,
 * one signed module could stop every script, and again after each restart, as its order still waits.
 */
export class TypeEraser {
  readonly #runner: Pick<Runner, "run">;
  /** What was erased before, by the module's digest; the one used longest ago leaves first. */
  readonly #known = new Map<Digest, string>();
  #characters = 0;

  constructor(runner: Pick<Runner, "run">) {
    this.#runner = runner;
  }

  /**
   * Erases ahead of verification, which is synchronous. What will be refused there for another
   * reason is not looked at.
   *
   * @returns What gives the JavaScript of exactly these bytes, or throws why there is none.
   * @throws {NodeRefusal} cell_start – no cell could be started
   * @throws the signal's reason when it is aborted
   */
  async prepare(
    bytes: Uint8Array,
    { module }: Manifest,
    signal: AbortSignal,
  ): Promise<EraseTypes> {
    const text = module.mediaType === "application/typescript" ? decodeUtf8(bytes) : undefined;
    const digest = digestOf(bytes);
    if (text === undefined || digest !== module.sha256) return neverAsked;
    const known = this.#recall(digest);
    if (known !== undefined) return () => known;
    const grant = { permissions: {}, limits: ERASER_LIMITS };
    const erased = await eraseTypes(text, (request) => this.#runner.run(grant, request), signal);
    if ("javascript" in erased) {
      const { javascript } = erased;
      this.#keep(digest, javascript);
      return () => javascript;
    }
    if ("notStarted" in erased) throw new NodeRefusal("cell_start", erased.notStarted);
    return () => {
      throw new SyntaxError(erased.fault);
    };
  }

  #recall(digest: Digest): string | undefined {
    const javascript = this.#known.get(digest);
    if (javascript === undefined) return undefined;
    this.#known.delete(digest);
    this.#known.set(digest, javascript);
    return javascript;
  }

  #keep(digest: Digest, javascript: string): void {
    if (this.#known.has(digest)) return;
    this.#known.set(digest, javascript);
    this.#characters += javascript.length;
    for (const [oldest, text] of this.#known) {
      if (this.#characters <= AGENT_LIMITS.ERASED_CHARACTERS) break;
      this.#known.delete(oldest);
      this.#characters -= text.length;
    }
  }
}

function neverAsked(): never {
  throw new TypeError("Cannot erase types of a module that must be refused before");
}
