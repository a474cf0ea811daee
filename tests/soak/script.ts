import assert from "node:assert/strict";
import { DEFAULT_LIMITS, type Limits } from "../../runtime/core/documents/grant.ts";
import type { Outcome } from "../../runtime/core/outcome.ts";
import type { Attack } from "../hostile/attack.ts";

/** One kind of order in the mix, with how its run must end. */
export interface SoakScript {
  /** Without publisher: lower case, digits and hyphens. */
  readonly name: string;
  readonly kind: "good" | "hostile" | "refused";
  /** How many of a round's orders are of this kind. */
  readonly weight: number;
  readonly source: string;
  readonly mediaType: "application/typescript" | "text/javascript";
  readonly limits: Limits;
  /** Not on the accept-list. */
  readonly unlisted?: boolean;
  /** The operator cancels the run once it is under way. */
  readonly cancel?: boolean;
  /** Due this long after it was ordered, milliseconds. */
  readonly laterMs?: number;
  /** Documents that the order attaches. */
  readonly attachments?: number;
  /** The order is sent a second time, which must be refused. */
  readonly twice?: boolean;
  input(number: number): unknown;
  /** Throws when the run ended otherwise than it must. */
  check(outcome: Outcome, input: unknown): void;
}

/** Generous: a machine that is busy must not turn a good run into one that was too slow. */
const WALL_MS = 60_000;

/** A good script: its answer is worked out from its input. */
export function good(
  name: string,
  weight: number,
  source: string,
  options: Partial<SoakScript> & { answer(input: never): unknown },
): SoakScript {
  return {
    name,
    kind: "good",
    weight,
    source,
    mediaType: "application/typescript",
    limits: { ...DEFAULT_LIMITS, wallMs: WALL_MS },
    input: (number) => ({ number }),
    check: (outcome, input) => {
      const expected = { outcome: "ok", result: options.answer(input as never) };
      assert.deepEqual(JSON.parse(JSON.stringify(outcome)), expected);
    },
    ...options,
  };
}

/** An attack of the corpus as an order. Its module must not need the corpus's canaries. */
export function hostile(attack: Attack, weight: number): SoakScript {
  const { module, expect, limits } = attack;
  if (typeof module !== "string" || typeof expect === "function" || attack.rights) {
    throw new TypeError(`${attack.name} needs its canaries`);
  }
  return {
    name: attack.name.replaceAll("_", "-"),
    kind: "hostile",
    weight,
    source: module,
    mediaType: "text/javascript",
    limits: { ...DEFAULT_LIMITS, wallMs: WALL_MS, ...limits },
    // The names of what an attack would reach for; nothing of them is there.
    input: () => ({ secretFile: "/nonexistent", tcpPort: 9, agentPid: 1, victimPid: 1 }),
    check: (outcome) => assert.partialDeepStrictEqual(outcome, expect),
  };
}
