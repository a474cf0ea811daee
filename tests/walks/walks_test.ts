import assert from "node:assert/strict";
import { Reader } from "./reader.ts";
import { commandsOf, readmeText, WALKS } from "./readme.ts";

const LINUX = Deno.build.os === "linux";

Deno.test("README's walks work, each command as it is written", { ignore: !LINUX }, async (t) => {
  const readme = readmeText();
  await using reader = new Reader(readme);
  for (const walk of WALKS) {
    await t.step(walk, async (t) => {
      const commands = commandsOf(readme, walk);
      assert.ok(commands.length > 1);
      for (const command of commands) {
        await t.step(command, async () => {
          if (/^writ agent(\s+#.*)?$/.test(command)) {
            freePort(reader.cwd);
            await reader.leaveRunning(command);
          } else {
            const { exit, output } = await reader.type(command);
            assert.equal(exit, 0, output);
          }
        });
      }
    });
  }
});

/** The one thing that is not as README has it: the port may be in use on the machine that tests. */
function freePort(fleet: string): void {
  const file = `${fleet}/policy/fleet.yaml`;
  Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace(":8799", ":0"));
}

Deno.test("commandsOf() takes the shell blocks of one section and nothing else", () => {
  const text = "# A\n```sh\none # why\n# only a comment\ntwo \\\n  more\n```\n```ts\nx\n```\n" +
    "## B\n```sh\nthree\n```\n";
  assert.deepEqual(commandsOf(text, "A"), ["one # why", "two    more"]);
  assert.deepEqual(commandsOf(text, "B"), ["three"]);
  assert.throws(() => commandsOf(text, "C"));
});
