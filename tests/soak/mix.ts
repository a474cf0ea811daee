import assert from "node:assert/strict";
import { loadCorpus } from "../hostile/corpus.ts";
import { good, hostile, type SoakScript } from "./script.ts";

/** Bytes of each document that orders attach. */
export const DOCUMENT_BYTES = 300_000;

/** Attacks of the corpus that an agent meets in a mix, and how many of a round are of each. */
const ATTACKS: Readonly<Record<string, number>> = {
  memory_heap: 1,
  memory_array_buffer: 2,
  memory_nested_workers: 1,
  spin_for_ever: 2,
  spin_at_load: 1,
  spin_after_answer: 2,
  exit_as_if_well: 3,
  kill_itself: 2,
  stop_itself: 2,
  flood_log: 2,
  flood_stderr: 1,
  giant_result: 1,
  endless_line_on_stdout: 1,
  forged_frame_on_stdout: 3,
  result_for_another_call: 2,
  poisoned_prototype: 2,
  read_environment: 2,
  run_command: 1,
  wait_in_atomics: 1,
};

const GOOD: readonly SoakScript[] = [
  good(
    "echo",
    24,
    "export default { run(input: unknown): unknown { return input; } };",
    { answer: (input) => input },
  ),
  good(
    "large",
    6,
    "export default { run({ text }: { text: string }) { return [...text].reverse().join(''); } };",
    {
      input: (number) => ({ text: String(number).repeat(8_000) }),
      answer: ({ text }: { text: string }) => [...text].reverse().join(""),
      limits: { ...good("x", 1, "", { answer: () => 0 }).limits, memoryBytes: 128_000_000 },
    },
  ),
  good(
    "count",
    10,
    `export default {
      async run(input, ctx) {
        let bytes = 0;
        for (const document of ctx.attachments) {
          for await (const chunk of document.stream()) bytes += chunk.length;
        }
        return bytes;
      },
    };`,
    { attachments: 2, answer: () => 2 * DOCUMENT_BYTES },
  ),
  good(
    "talk",
    10,
    `export default {
      async run({ number }, ctx) {
        for (let i = 1; i <= 20; i++) {
          console.log("line", i, "of", number);
          ctx.progress(i / 20, "step " + i);
          ctx.emit("step", { i });
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        return number;
      },
    };`,
    { answer: ({ number }: { number: number }) => number },
  ),
  good("throw", 4, "export default { run() { throw new TypeError('no'); } };", {
    answer: () => null,
    check: (outcome) =>
      assert.partialDeepStrictEqual(outcome, {
        outcome: "script_error",
        detail: { name: "TypeError", message: "no" },
      }),
  }),
  good("later", 3, "export default { run: () => 'now' };", { laterMs: 1_000, answer: () => "now" }),
  good("twice", 3, "export default { run: () => 1 };", { twice: true, answer: () => 1 }),
  good("endless", 3, "export default { run: () => new Promise(() => {}) };", {
    cancel: true,
    answer: () => null,
    check: (outcome) => assert.equal(outcome.outcome, "cancelled"),
  }),
];

const REFUSED: readonly SoakScript[] = [
  {
    ...good("unlisted", 2, "export default { run: () => 'never' };", { answer: () => null }),
    kind: "refused",
    unlisted: true,
    check: refusedBy("not_accepted"),
  },
  {
    ...good("nested", 1, `export default ${"(".repeat(5_000)}1${")".repeat(5_000)};`, {
      answer: () => null,
    }),
    kind: "refused",
    check: refusedBy("module_syntax"),
  },
];

/** Good, hostile and refused scripts as they come to an agent. */
export async function loadMix(): Promise<SoakScript[]> {
  const attacks = await loadCorpus(Object.keys(ATTACKS));
  return [...GOOD, ...REFUSED, ...attacks.map((attack) => hostile(attack, ATTACKS[attack.name]!))];
}

/**
 * An endless sequence in which every round holds each script as often as its weight says, in an
 * order that looks like chance and is always the same.
 */
export function* rounds(mix: readonly SoakScript[]): Generator<SoakScript> {
  let state = 1;
  const below = (n: number) => {
    state = (state * 48_271) % 0x7fff_ffff;
    return state % n;
  };
  const all = mix.flatMap((script) => Array<SoakScript>(script.weight).fill(script));
  while (true) {
    for (let i = all.length - 1; i > 0; i--) {
      const j = below(i + 1);
      [all[i], all[j]] = [all[j]!, all[i]!];
    }
    yield* all;
  }
}

function refusedBy(rule: string): SoakScript["check"] {
  return (outcome) =>
    assert.partialDeepStrictEqual(outcome, { outcome: "refused", detail: { rule } });
}
