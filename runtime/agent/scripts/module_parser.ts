import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { ModuleParsers } from "../../core/module.ts";
import { parseModule, PARSER_LIMITS, type RunRequest } from "../../sandbox/mod.ts";
import { AGENT_LIMITS } from "../limits.ts";
import { NodeRefusal } from "./node_refusal.ts";
import type { Runner } from "../cells/runner.ts";

interface Known {
  readonly parsers: ModuleParsers;
  readonly characters: number;
}

/**
 * Parses modules, each in a cell of its own, see {@linkcode parseModule}. In the agent, one signed
 * module could stop every script, and again after each restart, as its order still waits.
 */
export class ModuleParser {
  readonly #runner: Pick<Runner, "run">;
  /** What was parsed before, by the module's digest; the one used longest ago leaves first. */
  readonly #known = new Map<Digest, Known>();
  #characters = 0;

  constructor(runner: Pick<Runner, "run">) {
    this.#runner = runner;
  }

  /**
   * Parses ahead of verification, which is synchronous. What will be refused there for another
   * reason is not looked at.
   *
   * @returns What answers for exactly these bytes, or throws what is wrong with them.
   * @throws {NodeRefusal} cell_start – no cell could be started
   * @throws the signal's reason when it is aborted
   */
  async prepare(
    bytes: Uint8Array,
    { module }: Manifest,
    signal: AbortSignal,
  ): Promise<ModuleParsers> {
    const digest = digestOf(bytes);
    if (digest !== module.sha256) return NEVER_ASKED;
    const known = this.#recall(digest);
    if (known) return known;
    const bounds = { permissions: {}, limits: PARSER_LIMITS, rare: true };
    const { mediaType } = module;
    const run = (request: RunRequest) => this.#runner.run(bounds, request);
    const parsed = await parseModule({ bytes, mediaType }, run, signal);
    if ("notStarted" in parsed) throw new NodeRefusal("cell_start", parsed.notStarted);
    if ("faulty" in parsed) return parsed.faulty;
    this.#keep(digest, parsed);
    return parsed.parsers;
  }

  #recall(digest: Digest): ModuleParsers | undefined {
    const known = this.#known.get(digest);
    if (known === undefined) return undefined;
    this.#known.delete(digest);
    this.#known.set(digest, known);
    return known.parsers;
  }

  #keep(digest: Digest, known: Known): void {
    if (this.#known.has(digest)) return;
    this.#known.set(digest, known);
    this.#characters += known.characters;
    for (const [oldest, { characters }] of this.#known) {
      if (this.#characters <= AGENT_LIMITS.PARSED_CHARACTERS) break;
      this.#known.delete(oldest);
      this.#characters -= characters;
    }
  }
}

const NEVER_ASKED: ModuleParsers = { erase: neverAsked, lex: neverAsked };

function neverAsked(): never {
  throw new TypeError("Cannot parse a module that must be refused before");
}
