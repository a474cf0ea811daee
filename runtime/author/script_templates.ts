import { manifestYaml } from "./manifest_template.ts";

/** What a new script is called. */
export interface NewScriptName {
  readonly publisher: string;
  readonly name: string;
}

/** `mod.ts` of a new script. */
export const NEW_MODULE = `import type { Script } from "writ"; // types only, erased before it runs
import { greetingFor } from "./greeting.ts";

interface Input {
  name?: string;
}

interface Output {
  greeting: string;
}

export default {
  run(input, ctx) {
    ctx.log.info("greeting", input?.name ?? "whoever asked");
    ctx.progress(1, "done");
    return { greeting: greetingFor(input?.name) };
  },
} satisfies Script<Input | null, Output>;
`;

/** A second file of a new script, to show that there may be several. */
export const NEW_GREETING = `/** What to say to somebody, or to nobody in particular. */
export function greetingFor(name = "world"): string {
  return \`Hello, \${name}!\`;
}
`;

/** `mod_test.ts` of a new script. */
export const NEW_TEST = `import assert from "node:assert/strict";
import { test } from "writ/test";
import script from "./mod.ts";

test("run() greets who asked", (ctx) => {
  assert.deepEqual(script.run({ name: "Ada" }, ctx), { greeting: "Hello, Ada!" });
});

test("run() greets the world when nobody is named", (ctx) => {
  assert.deepEqual(script.run(null, ctx), { greeting: "Hello, world!" });
});
`;

/** `manifest.yaml` of a new script. */
export function newManifest({ publisher, name }: NewScriptName): string {
  return manifestYaml({
    publisher,
    name,
    description: "Greets somebody",
    extra: {
      head: "# yaml-language-server: $schema=.writ/manifest.schema.json\n",
      capabilities:
        "# What it must be lent by the agent, as ctx.store and so on: store, blobs, dir, peers, channel.\n" +
        "# capabilities: [store]\n",
    },
  });
}

/** `README.md` of a new script. */
export function newReadme({ publisher, name }: NewScriptName): string {
  return `# ${publisher}/${name}

Greets somebody.

\`\`\`sh
writ try . --input '{"name": "Ada"}' --watch   # in the cell an agent would use, at each change
writ test .                                    # mod_test.ts, in the same cell
writ pack . --out dist                         # one module, and the manifest that is signed
writ sign dist --key KEY.pem
writ publish dist --to FOLDER
\`\`\`

The files of this folder become one module. Packages come from npm: add one with
\`deno add npm:NAME\`, then import it by its name.

What a script may do on a machine is what that machine's admin grants it; the requests in
\`manifest.yaml\` are what it asks for.

\`.writ/\` holds types for editors; \`writ new --types .\` writes those of another version of Writ.
`;
}

/** `deno.json` of a new script: for editors, and for `deno check` and `deno fmt`. */
export const NEW_DENO_JSON = `{
  "imports": {
    "writ": "./.writ/mod.ts",
    "writ/test": "./.writ/test.ts"
  },
  "nodeModulesDir": "auto",
  "compilerOptions": { "strict": true, "noUncheckedIndexedAccess": true },
  "fmt": { "lineWidth": 100, "exclude": [".writ/", "dist/"] },
  "lint": { "exclude": [".writ/", "dist/"] }
}
`;

/** `.gitignore` of a new script. */
export const NEW_GITIGNORE = `/node_modules/
/dist/
`;
