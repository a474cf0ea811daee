import assert from "node:assert/strict";
import { FleetFolder } from "./fleet_folder.ts";
import { withAgent } from "./with_agent.ts";

Deno.test("publish gives a script to an agent, whose traces show the author's own files", async () => {
  using fleet = await FleetFolder.make();
  fleet.file(
    "scripts/hello/mod.ts",
    'import { greet } from "./lib/greet.ts";\nexport default { run: (input) => greet(input) };\n',
  );
  fleet.file(
    "scripts/hello/lib/greet.ts",
    "export function greet(input: { name: string } | null): string {\n" +
      '  if (!input) throw new Error("nobody");\n  return input.name;\n}\n',
  );
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
  await withAgent(fleet, async () => {
    const first = (await fleet.done("publish", "dist", "--json")).json();
    assert.deepEqual([first.script, first.new], ["example/hello", true]);
    assert.equal((await fleet.done("publish", "dist", "--json")).json().new, false);
    const ran = await fleet.done(
      "order",
      "example/hello",
      "--input",
      '{"name":"Ada"}',
      "--follow",
      "--json",
    );
    assert.equal(ran.json().result, "Ada");
    const failed = await fleet.writ(["order", "example/hello", "--follow", "--json"]);
    const { outcome, detail } = failed.json<{ outcome: string; detail: { stack: string } }>();
    assert.equal(outcome, "script_error");
    assert.match(detail.stack, /script:\/\/example\/hello@1\.0\.0\/lib\/greet\.ts:2:21/);
  });
});

Deno.test("publish to an agent refuses what nobody of the policy signed", async () => {
  using fleet = await FleetFolder.make();
  await fleet.done("keygen", "stranger");
  await fleet.done("pack", "scripts/hello", "--out", "dist");
  await fleet.done("sign", "dist/manifest.json", "--key", "keys/stranger.pem");
  await withAgent(fleet, async () => {
    const ran = await fleet.writ(["publish", "dist", "--json"]);
    assert.equal(ran.json<{ error: { code: string } }>().error.code, "threshold");
  });
});
