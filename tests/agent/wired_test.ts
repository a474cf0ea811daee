import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import { PolicyError } from "../../runtime/policy/mod.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import { rulesFromFolder } from "../../runtime/agent/trust/load_rules.ts";
import { sandboxRunner } from "../../runtime/agent/cells/sandbox_runner.ts";
import { TemporaryDir } from "../temporary_dir.ts";
import { TestAgent } from "./agent_fixture.ts";
import { TestFleet } from "./fixture.ts";

/** Reads its attachment in chunks, says something, and answers. */
const SCRIPT = `
export default {
  async run(input, ctx) {
    let bytes = 0;
    for (const attachment of ctx.attachments) {
      for await (const chunk of attachment.stream()) bytes += chunk.length;
    }
    ctx.progress(0.5, "half");
    console.log("counted");
    return { ...input, bytes };
  },
};
`;

/** Writes the policy of a fleet the way an admin would, and its modules beside it. */
function writePolicy(folder: string, fleet: TestFleet): void {
  Deno.mkdirSync(`${folder}/policy/grants`, { recursive: true, mode: 0o700 });
  Deno.writeTextFileSync(
    `${folder}/policy/fleet.yaml`,
    `fleet: test
mode: local
orderers:
  operator: { keys: ["${fleet.operator.publicKey}"] }
sources: ["${folder}/published"]
`,
    { mode: 0o600 },
  );
  Deno.writeTextFileSync(
    `${folder}/policy/accept.yaml`,
    `publishers:
  acme: { keys: ["${fleet.publisher.publicKey}"] }
accept:
  - { script: acme/echo, range: "^1.0.0" }
`,
    { mode: 0o600 },
  );
  Deno.writeTextFileSync(
    `${folder}/policy/grants/echo.yaml`,
    `script: acme/echo\norders: [operator]\n`,
    { mode: 0o600 },
  );
  for (const [path, bytes] of fleet.files) {
    const file = `${folder}/published/${path}`;
    Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(file, bytes);
  }
}

Deno.test("startAgent() runs an order from a policy folder in a real cell", async (t) => {
  using folder = new TemporaryDir();
  const fleet = new TestFleet();
  fleet.publish("1.0.0", {}, SCRIPT);
  writePolicy(folder.path, fleet);
  await using test = await TestAgent.start({
    rules: rulesFromFolder(`${folder.path}/policy`, []),
    runner: sandboxRunner(),
  }, fleet);

  await t.step("with its attachment and its events", async () => {
    const document = new Uint8Array(600_000).fill(7);
    const sha256 = digestOf(document);
    const stored = await test.ask(`/v1/blobs/${sha256}`, { method: "PUT", body: document });
    assert.equal(stored.status, 201);
    await stored.body?.cancel();
    const { run } = await test.order({
      input: { copies: 2 },
      attachments: [{ name: "a.bin", sha256, length: document.length }],
    });
    const events = await (await test.ask(`/v1/runs/${run}/events`)).text();
    assert.deepEqual(
      [...events.matchAll(/^event: (.*)$/gm)].map((match) => match[1]),
      ["state", "state", "progress", "log", "outcome"],
    );
    const { outcome, level } = await test.run(run);
    assert.deepEqual(outcome, { outcome: "ok", result: { copies: 2, bytes: 600_000 } });
    assert.ok([0, 1, 2].some((known) => known === level), String(level));
  });

  await t.step("and refuses a version that is on no accept entry", async () => {
    fleet.publish("2.0.0");
    const { run } = await test.order({ script: { name: "acme/echo", range: "^2.0.0" } });
    const { outcome } = await test.ended(run);
    assert.equal(outcome?.outcome, "refused");
  });
});

Deno.test("sandboxRunner() refuses a run whose granted folder got a link that leads out", async () => {
  using folder = new TemporaryDir();
  const granted = Deno.realPathSync(folder.path);
  const grant = { permissions: { read: [granted] }, limits: DEFAULT_LIMITS };
  const request = {
    javascript: `export default { run: () => Deno.readTextFile("${granted}/a") };`,
    scriptUrl: "script://acme/reader@1.0.0",
    input: null,
  };
  const runner = sandboxRunner();
  try {
    Deno.chmodSync(granted, 0o755);
    Deno.writeTextFileSync(`${granted}/a`, "inside");
    const { outcome } = await runner.run(grant, request);
    assert.deepEqual(outcome, { outcome: "ok", result: "inside" });
    Deno.removeSync(`${granted}/a`);
    Deno.symlinkSync("/etc/hostname", `${granted}/a`);
    await assert.rejects(
      runner.run(grant, request),
      (error) => error instanceof PolicyError && error.code === "symlink",
    );
  } finally {
    await runner.close();
  }
});
