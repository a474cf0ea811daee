import assert from "node:assert/strict";
import { makeOrder } from "../../runtime/author/make_order.ts";
import type { Step } from "../../runtime/author/mod.ts";
import { generateSigner, keyId } from "../../runtime/core/key.ts";
import { signerFromPem } from "../../runtime/core/pem.ts";
import { FleetFolder } from "./fleet_folder.ts";

interface Verified {
  ok: boolean;
  files: { file: string; ok: boolean; steps: Step[] }[];
}

async function stepsOf(fleet: FleetFolder, file: string, ...args: string[]) {
  const ran = await fleet.writ(["verify", file, ...args, "--json"]);
  const { ok, files } = ran.json<Verified>();
  assert.equal(ran.exit, ok ? 0 : 1);
  const { steps } = files[0]!;
  return Object.fromEntries(steps.map(({ step, ok, code }) => [step, code ?? ok ?? "unknown"]));
}

const ALL_OK = {
  envelope: true,
  document: true,
  publisher: true,
  accepted: true,
  grant: true,
  module: true,
};

Deno.test("verify finds everything in order for an accepted script", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  assert.deepEqual(await stepsOf(fleet, "dist/manifest.signed.json"), ALL_OK);
  const published = "published/v1/manifests/example/hello/1.0.0.json";
  assert.deepEqual(await stepsOf(fleet, published), ALL_OK);
});

Deno.test("verify names the one step that a change breaks", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  const file = "dist/manifest.signed.json";
  const change = async (
    name: string,
    from: string | RegExp,
    to: string,
    run: () => Promise<void>,
  ) => {
    const before = fleet.read(name);
    assert.notEqual(before.replace(from, to), before);
    fleet.file(name, before.replace(from, to));
    await run();
    fleet.file(name, before);
  };
  await t.step("the module", () =>
    change("dist/mod.ts", "Hello", "Jello", async () => {
      assert.deepEqual(await stepsOf(fleet, file), { ...ALL_OK, module: "module_hash" });
    }));
  await t.step(
    "the accept-list",
    () =>
      change("policy/accept.yaml", "range: ^1.0.0", "range: ^2.0.0", async () => {
        assert.deepEqual(await stepsOf(fleet, file), { ...ALL_OK, accepted: "not_accepted" });
      }),
  );
  await t.step(
    "the grant",
    () =>
      change("policy/grants/hello.yaml", "cpu: 2 s", "cpu: 1 s", async () => {
        assert.deepEqual(await stepsOf(fleet, file), { ...ALL_OK, grant: "request_beyond_grant" });
      }),
  );
  await t.step("the publisher's key", async () => {
    const { publicKey } = (await fleet.done("keygen", "other", "--json")).json();
    await change("policy/accept.yaml", /ed25519:[\w-]{43}(?=\])/, String(publicKey), async () => {
      const { publisher } = await stepsOf(fleet, file);
      assert.equal(publisher, "threshold");
    });
  });
  await t.step("the envelope", () =>
    change(file, '"payloadType"', ' "payloadType"', async () => {
      assert.deepEqual(await stepsOf(fleet, file), { envelope: "bad_envelope" });
    }));
});

Deno.test("verify refuses an order that agents refuse", async (t) => {
  using fleet = await FleetFolder.make();
  const operator = signerFromPem(fleet.read("keys/operator.pem"));
  const order = (name: string) =>
    makeOrder({
      fleet: name,
      script: { name: "example/hello", range: "*" },
      audience: { labels: ["office"] },
      now: Date.now(),
    }, [operator]).envelope;
  const allOk = {
    envelope: true,
    document: true,
    time: true,
    fleet: true,
    orderer: true,
    audience: true,
  };
  const agent = keyId(operator.publicKey);
  const labelled = fleet.read("policy/accept.yaml").replace(
    "labels: {}",
    `labels: { "${agent}": [office] }`,
  );
  fleet.file("policy/accept.yaml", labelled);
  fleet.file("order.json", order("test"));
  await t.step("none", async () => {
    assert.deepEqual(await stepsOf(fleet, "order.json"), allOk);
  });
  await t.step("of another fleet", async () => {
    fleet.file("other.json", order("other"));
    assert.deepEqual(await stepsOf(fleet, "other.json"), { ...allOk, fleet: "wrong_fleet" });
  });
  await t.step("for nobody of the policy, or for another agent", async () => {
    fleet.file("policy/accept.yaml", labelled.replace("[office]", "[attic]"));
    assert.deepEqual(await stepsOf(fleet, "order.json"), { ...allOk, audience: "wrong_audience" });
    fleet.file("policy/accept.yaml", labelled);
    const other = keyId(generateSigner().publicKey);
    assert.deepEqual(await stepsOf(fleet, "order.json", "--for", agent), allOk);
    assert.deepEqual(await stepsOf(fleet, "order.json", "--for", other), {
      ...allOk,
      audience: "wrong_audience",
    });
    assert.equal((await fleet.writ(["verify", "order.json", "--for", "me"])).exit, 2);
  });
  await t.step("when the policy has expired", async () => {
    fleet.file("policy/accept.yaml", `${labelled}expires: 2020-01-01T00:00:00Z\n`);
    assert.deepEqual(await stepsOf(fleet, "order.json"), { ...allOk, policy: "expired" });
    fleet.file("policy/accept.yaml", `${labelled}expires: 2099-01-01T00:00:00Z\n`);
    assert.deepEqual(await stepsOf(fleet, "order.json"), { ...allOk, policy: true });
    fleet.file("policy/accept.yaml", labelled);
  });
  await t.step("by a denied key", async () => {
    const deny = `deny: [{ key: ${operator.publicKey}, reason: lost }]`;
    fleet.file("policy/accept.yaml", fleet.read("policy/accept.yaml").replace("deny: []", deny));
    assert.deepEqual(await stepsOf(fleet, "order.json"), { ...allOk, orderer: "denied" });
  });
});

Deno.test("verify judges nobody without a policy", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  Deno.removeSync(`${fleet.path}/policy`, { recursive: true });
  const file = "dist/manifest.signed.json";
  const steps = { envelope: true, document: true, publisher: "unknown", module: true };
  assert.deepEqual(await stepsOf(fleet, file), steps);
  assert.equal((await fleet.writ(["verify", file])).exit, 1, "nobody's right to sign was judged");
  assert.deepEqual(await stepsOf(fleet, file, "--no-policy"), steps);
  assert.equal((await fleet.writ(["verify", file, "--no-policy"])).exit, 0, "as was asked");
});

Deno.test("verify tells an unsigned document, a module, a root and a list", async () => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  await fleet.done("policy", "sign", "--expires", "30 d");
  assert.deepEqual(await stepsOf(fleet, "dist/manifest.json"), {
    document: true,
    signature: "threshold",
  });
  assert.deepEqual(await stepsOf(fleet, "dist/mod.ts"), { name: true, module: true });
  assert.deepEqual(await stepsOf(fleet, "policy/signed/root.1.json"), {
    envelope: true,
    roots: true,
  });
  assert.deepEqual(await stepsOf(fleet, "policy/signed/acceptlist.1.json"), {
    envelope: true,
    roots: true,
    list: true,
  });
});
