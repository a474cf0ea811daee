import assert from "node:assert/strict";
import fc from "fast-check";
import {
  acceptInYaml,
  type Mistake,
  parseGrant,
  PolicyError,
} from "../../../runtime/policy/mod.ts";
import { decodeFolder } from "../../../runtime/policy/load_policy_dir.ts";
import { goodFiles } from "../../policy/fixture.ts";
import { allowing } from "../allowed.ts";
import { fuzzSigner } from "../fuzz_fleet.ts";
import { mutatedText, textOf } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const EXAMPLES = new URL("../../../policy/", import.meta.url);
const NAMES = ["fleet.yaml", "accept.yaml", "grants/print.yaml"];
const KEY = fuzzSigner(1).publicKey;
/** What YAML, and what our rules, give a meaning to. */
const WORDS = [
  ..."- :{}[],&*!|>%@`\"'#?\n\t\\\r\u2028\ufeff".split(""),
  ...["  ", "\n  ", "\n- ", ": ", "? ", "---\n", "...\n", "<<: *a", "&a ", "!!map ", "'''", '"""'],
  ...[
    "permissions:",
    "net:",
    "read: [/srv]",
    "unsafe:",
    "limits:",
    "memory: 1 MB",
    "128 MB",
    "10 s",
  ],
  ...["*.example:80", "[::1]:80", "0x7f.1:80", "/srv/../etc", "NaN", "1e999", "-1", "null", "~"],
  ...[
    "mode: signed",
    "mode: local",
    "root: roots",
    "state: revoked",
    "range: ^1",
    "acme/print",
    KEY,
  ],
];

/** A policy folder in which one file is spoilt. */
export const policyFiles: Target = {
  name: "policy",
  what: "Spoilt policy files: a policy, or mistakes that each lie inside a file. Nothing else.",
  open: () => {
    const good = goodFiles(KEY);
    const spoilt = fc.oneof(
      ...NAMES.map((name) => {
        const samples = [good[name]!, Deno.readTextFileSync(new URL(name, EXAMPLES))];
        const text = fc.oneof(
          { weight: 3, arbitrary: mutatedText(samples, WORDS) },
          { weight: 1, arbitrary: textOf(WORDS) },
        );
        return fc.record({ name: fc.constant(name), text });
      }),
    );
    return probe(spoilt, ({ name, text }) => {
      const texts: Record<string, string> = { ...good, [name]: text };
      const files = Object.entries(texts).map(([name, text]) => ({ name, text }));
      const folder = { path: "/srv/policy", files, mistakes: [], warnings: [] };
      const { mistakes, warnings, loaded } = decodeFolder("policy", folder);
      assert.equal(loaded === undefined, mistakes.length > 0);
      const inside = (m: Mistake) => assertInside(m, texts[m.file.slice("policy/".length)]);
      [...mistakes, ...warnings].forEach(inside);
      if (name === "grants/print.yaml") assertRefusedInside(text, () => parseGrant(text, "g.yaml"));
      if (name === "accept.yaml") {
        const entry = { script: "acme/print", range: "^2.0.0" } as const;
        assertRefusedInside(undefined, () => acceptInYaml(text, "accept.yaml", { entry }));
      }
    });
  },
};

/** Few pieces said very often: what takes more than a moment is a file that stops the agent. */
export const policyGrowth: Target = {
  name: "policy-growth",
  what: "A piece of YAML repeated up to a file of 200 kB: read in a moment, whatever it is.",
  open: () => {
    const piece = fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 4 })
      .map((words) => words.join(""));
    return probe(fc.record({ head: piece, piece, tail: piece }), ({ head, piece, tail }) => {
      const text = head + piece.repeat(Math.floor(200_000 / piece.length)) + tail;
      allowing([PolicyError], () => parseGrant(text, "g.yaml"));
    });
  },
};

function assertRefusedInside(text: string | undefined, act: () => unknown): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    if (text !== undefined) error.mistakes.forEach((mistake) => assertInside(mistake, text));
  }
}

function assertInside({ line, column, file, message }: Mistake, text: string | undefined): void {
  assert.ok(text !== undefined || line === 0, `${file} is no file of the folder`);
  assert.ok(message !== "" && !/undefined|\[object/.test(message), `no sentence: ${message}`);
  if (line === 0) return assert.equal(column, 0);
  const lines = text!.split("\n");
  assert.ok(line >= 1 && line <= lines.length, `line ${line} of ${lines.length}`);
  const length = lines[line - 1]!.length;
  assert.ok(column >= 1 && column <= length + 1, `column ${column} of ${length}`);
}
