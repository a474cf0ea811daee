import assert from "node:assert/strict";
import { denoFlags, parseGrant, PolicyError, renderMistake } from "../../runtime/policy/mod.ts";

/**
 * One case each: `NAME.yaml` is a grant, `NAME.flags` the very flags of its cell, or every mistake
 * that refuses it. Written anew with WRIT_UPDATE_GOLDEN=1; read the difference before you keep it.
 */
const FOLDER = new URL("./golden/", import.meta.url);

function flagsOf(name: string): string {
  const text = Deno.readTextFileSync(new URL(`${name}.yaml`, FOLDER));
  try {
    const { allow, deny, unsafe } = denoFlags(parseGrant(text, `${name}.yaml`).permissions);
    return [...allow.map((flag) => unsafe.includes(flag) ? `UNSAFE ${flag}` : flag), ...deny, ""]
      .join("\n");
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error;
    return [...error.mistakes.map((mistake) => `${mistake.code} ${renderMistake(mistake)}`), ""]
      .join("\n");
  }
}

const files = [...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort();
const names = files.filter((name) => name.endsWith(".yaml")).map((name) => name.slice(0, -5));

Deno.test("a grant becomes the very flags, or the very mistakes, that its file says", async (t) => {
  assert.ok(names.length >= 20);
  for (const name of names) {
    await t.step(name, () => {
      const file = new URL(`${name}.flags`, FOLDER);
      const found = flagsOf(name);
      if (Deno.env.get("WRIT_UPDATE_GOLDEN") === "1") Deno.writeTextFileSync(file, found);
      assert.equal(found, Deno.readTextFileSync(file));
    });
  }
});

Deno.test("each golden file is of one case, and each refused one says so in its name", () => {
  assert.deepEqual(files.filter((name) => !/\.(yaml|flags)$/.test(name)), []);
  assert.equal(files.length, 2 * names.length);
  for (const name of names) {
    assert.equal(name.startsWith("refused_"), !/^(UNSAFE )?--/.test(flagsOf(name)), name);
  }
});
