import fc from "fast-check";
import { VerificationError } from "../../../runtime/core/errors.ts";
import { gateImports } from "../../../runtime/core/import_gate.ts";
import { prepareModule } from "../../../runtime/core/module.ts";
import { PARSE_HERE } from "../../core/parse_here.ts";
import { allowing } from "../allowed.ts";
import { mutatedText, textOf } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const PRINT = new URL("../../../scripts/print/ipp/message.ts", import.meta.url);
const HELLO = `import type { Script } from "writ";
/** Greets. */
export default {
  async run(input: { name: string }, ctx) {
    const { createHash } = await import("node:crypto");
    return { greeting: \`Hello, \${input.name as string}\`, re: /[/"]/g };
  },
} satisfies Script<{ name: string }>;
`;
const WORDS = [
  ..."(){}[]<>=!?:;,.`'\"/\\*+-&|^~@#$%\n\u2028\ufeff".split(""),
  ...[
    "=>",
    "...",
    "?.",
    "??",
    "${",
    "//",
    "/*",
    "*/",
    "<!--",
    "#!",
    "import ",
    "import(",
    "import.meta",
  ],
  ...[
    "export default ",
    "export * from ",
    '"writ"',
    '"node:fs"',
    '"node:crypto"',
    " from ",
    " with ",
  ],
  ...[
    "type ",
    "as ",
    "satisfies ",
    "enum E ",
    "namespace N ",
    "declare ",
    "abstract ",
    "class ",
    "async ",
  ],
  ...[
    "function ",
    "await ",
    "yield ",
    "new ",
    "let ",
    "using ",
    "infer ",
    "keyof ",
    "<T>",
    "x!",
    "a: b",
  ],
  ...[
    "\\u{69}",
    "/x/v",
    "0n",
    "0b1",
    "'use strict';",
    "accessor ",
    "@dec ",
    "export = ",
    "import x = ",
  ],
];

/** Text that looks like TypeScript. */
export const modules: Target = {
  name: "modules",
  what:
    "TypeScript-ish text through type erasure and import gate: JavaScript or VerificationError.",
  open: () => {
    const samples = [HELLO, Deno.readTextFileSync(PRINT).slice(0, 4_000)];
    return probe(
      fc.record({
        text: fc.oneof(mutatedText(samples, WORDS), textOf(WORDS, 30)),
        mediaType: fc.constantFrom("application/typescript", "text/javascript", ""),
      }),
      ({ text, mediaType }) => {
        const bytes = new TextEncoder().encode(text);
        const module = allowing(
          [VerificationError],
          () => prepareModule(bytes, mediaType, PARSE_HERE),
        );
        // What passed once passes again: an import that was blanked left nothing behind.
        if (module) gateImports(module.javascript, PARSE_HERE.lex);
      },
    );
  },
};

/** Few pieces said very often. Erasing types is left out: it is the cell's affair. */
export const moduleGrowth: Target = {
  name: "module-growth",
  what: "A piece of JavaScript repeated up to 400 kB: the import gate answers in a moment.",
  open: () => {
    const piece = fc.oneof(
      fc.array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 5 }).map((p) => p.join("")),
      fc.constantFrom('import{}from"writ";', 'import"writ";', 'import("node:fs");', "import.meta;"),
    );
    return probe(fc.record({ head: piece, piece, tail: piece }), ({ head, piece, tail }) => {
      const text = head + piece.repeat(Math.floor(400_000 / piece.length)) + tail;
      allowing([VerificationError], () => gateImports(`${text}\nexport default 1`, PARSE_HERE.lex));
    });
  },
};
