import assert from "node:assert/strict";
import type { PendingReport } from "../../runtime/cli/policy/pending.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { withAgent } from "./with_agent.ts";

async function pendingOf(fleet: FleetFolder): Promise<PendingReport> {
  return (await fleet.done("policy", "pending", "--json")).json<PendingReport>();
}

/** Orders the example script; answers the outcome, or the code of the refusal. */
async function order(fleet: FleetFolder, script = "example/hello"): Promise<string> {
  const ran = await fleet.writ(["order", script, "--follow", "--json"]);
  const answer = ran.json<
    { outcome?: string; detail?: { rule?: string } | null; error?: { code: string } }
  >();
  return answer.error?.code ?? answer.detail?.rule ?? answer.outcome!;
}

/** A fleet whose script wants a host, which its policy has room for and does not grant. */
async function asking(): Promise<FleetFolder> {
  const fleet = await FleetFolder.make();
  const replace = (name: string, from: string | RegExp, to: string) =>
    fleet.file(name, fleet.read(name).replace(from, to));
  replace("policy/fleet.yaml", "net: []", 'net: ["192.168.1.20:631"]');
  replace(
    "scripts/hello/manifest.yaml",
    "requests: []",
    'requests: [{ permission: net, value: "192.168.1.20:631", reason: Prints }]',
  );
  return fleet;
}

Deno.test("policy pending and approve lead from audit mode to a script that runs", async (t) => {
  using fleet = await asking();
  await fleet.publishHello();
  const accept = fleet.read("policy/accept.yaml");
  fleet.file("policy/accept.yaml", accept.replace(/^accept:\n.*$/m, "accept: [] # none yet"));
  const grant = fleet.read("policy/grants/hello.yaml");
  Deno.removeSync(`${fleet.path}/policy/grants/hello.yaml`);
  const audited = `${fleet.read("policy/fleet.yaml")}audit-mode: true\n`;
  fleet.file("policy/fleet.yaml", audited);

  await withAgent(fleet, async () => {
    const approve = async (rule: string) => {
      const { items } = await pendingOf(fleet);
      assert.deepEqual(items.map((item) => item.rule), [rule]);
      await fleet.done("policy", "approve", items[0]!.id, "--yes");
      assert.deepEqual((await pendingOf(fleet)).items, [], "it is settled at once");
      await fleet.done("policy", "reload");
    };
    await t.step("no grant", async () => {
      assert.equal(await order(fleet), "no_grant");
      await approve("no_grant");
      assert.match(fleet.read("policy/accept.yaml"), /script: example\/hello, sha256: /);
      assert.match(fleet.read("policy/accept.yaml"), /# none yet/);
      assert.match(fleet.read("policy/grants/hello.yaml"), /192\.168\.1\.20:631/);
    });
    await t.step("an orderer that the grant does not name", async () => {
      const orders = fleet.read("policy/fleet.yaml").replace(
        /^orderers:\n/m,
        `orderers:\n  night:\n    keys: [${await keyOf(fleet, "root")}]\n`,
      );
      fleet.file("policy/fleet.yaml", orders);
      const named = fleet.read("policy/grants/hello.yaml").replace("[operator]", "[night]");
      fleet.file("policy/grants/hello.yaml", named);
      await fleet.done("policy", "reload");
      assert.equal(await order(fleet), "orderer_not_entitled");
      await approve("orderer_not_entitled");
    });
    await t.step("more asked for than granted", async () => {
      fleet.file("policy/grants/hello.yaml", grant);
      await fleet.done("policy", "reload");
      assert.equal(await order(fleet), "request_beyond_grant");
      await approve("request_beyond_grant");
      const widened = fleet.read("policy/grants/hello.yaml");
      assert.match(widened, /^permissions: \{ net: \[ ?"?192\.168\.1\.20:631"? ?\] \}/m);
      assert.deepEqual(widened.match(/^#.*$/gm), grant.match(/^#.*$/gm));
    });
    await t.step("nothing more", async () => {
      assert.equal(await order(fleet), "audit_mode");
      const { auditMode, items, wouldRun } = await pendingOf(fleet);
      assert.deepEqual([auditMode, items.length, wouldRun.length], [true, 0, 1]);
      fleet.file(
        "policy/fleet.yaml",
        fleet.read("policy/fleet.yaml").replace(/^audit-mode.*$/m, ""),
      );
      await fleet.done("policy", "reload");
      assert.equal(await order(fleet), "ok");
    });
    await t.step("what is not pending", async () => {
      const ran = await fleet.writ(["policy", "approve", "example/hello", "--yes", "--json"]);
      assert.equal(ran.json<{ error: { code: string } }>().error.code, "refused");
    });
  });
});

async function keyOf(fleet: FleetFolder, name: string): Promise<string> {
  const { publicKeyFromPem } = await import("../../runtime/core/pem.ts");
  return publicKeyFromPem(fleet.read(`keys/${name}.pub.pem`));
}

Deno.test("policy approve grants what a running script was denied, and nothing unsafe", async () => {
  using fleet = await FleetFolder.make();
  fleet.file(
    "policy/fleet.yaml",
    fleet.read("policy/fleet.yaml").replace("net: []", "env: [SITE]"),
  );
  fleet.file(
    "scripts/hello/mod.ts",
    `export default { run: (input) => input === "run"
  ? new Deno.Command("/bin/true").outputSync() && 1 : Deno.env.get("SITE") ?? "unset" };\n`,
  );
  const manifest = fleet.read("scripts/hello/manifest.yaml");
  fleet.file("scripts/hello/manifest.yaml", manifest.replace(/input-schema:[^]*$/, ""));
  await fleet.publishHello();
  await withAgent(fleet, async () => {
    assert.equal(await order(fleet), "denied");
    const { items } = await pendingOf(fleet);
    assert.deepEqual([items[0]!.permission, items[0]!.value], ["env", "SITE"]);
    await fleet.done("policy", "approve", "example/hello", "--yes");
    await fleet.done("policy", "reload");
    assert.equal(await order(fleet), "ok");
    const args = ["order", "example/hello", "--input", '"run"', "--follow"];
    assert.equal((await fleet.writ(args)).exit, 1);
    const ran = await fleet.writ(["policy", "approve", "example/hello", "--yes", "--json"]);
    assert.equal(ran.json<{ error: { code: string } }>().error.code, "refused");
  });
});
