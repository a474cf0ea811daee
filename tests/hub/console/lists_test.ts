import assert from "node:assert/strict";
import { digestOf } from "../../../runtime/core/digest.ts";
import { openEnvelope, sealDocument } from "../../../runtime/core/dsse.ts";
import { canonicalText } from "../../../runtime/core/canonical_json.ts";
import type { AcceptList } from "../../../runtime/core/documents/acceptlist.ts";
import { instant } from "../../agent/fixture.ts";
import { consoleFixture } from "./fixture.ts";

const utf8 = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The first list of the fleet; its one grant may talk to a printer, or do anything. */
function listOf(
  { test: { fleet } }: Awaited<ReturnType<typeof consoleFixture>>,
  unsafe: boolean,
): AcceptList {
  const permissions: AcceptList["grants"][number]["permissions"] = unsafe
    ? { unsafe: [{ permission: "run", value: "/usr/bin/true", reason: "drives a device" }] }
    : { net: [{ address: "192.168.1.20:631", internal: false }] };
  const grant = fleet.grant({ orders: ["operator"], permissions });
  return {
    fleet: "test",
    epoch: 1,
    version: 1,
    issued: instant(Date.now() - 60_000),
    expires: instant(Date.now() + 30 * 86_400_000),
    prev: null,
    publishers: {
      acme: { keys: [{ key: fleet.publisher.publicKey, state: "active" }], threshold: 1 },
    },
    accept: [{ script: fleet.script, range: "^1.0.0" }],
    deny: [],
    grants: [grant],
    labels: {},
  };
}

Deno.test("a list is compared before it is signed, and shows what is unsafe", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const document = canonicalText(listOf(hub, true));
  const { status, text } = await ada.send("/accept-list/compare", { document });
  assert.equal(status, 200);
  assert.match(text, /class="unsafe">UNSAFE/);
  assert.match(text, /writ sign acceptlist\.json --key/);
  assert.equal(await hub.lists.newest("acme"), undefined);
});

Deno.test("a signed list is taken, and one that is not is refused with the rule", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const { acceptKey, fleet } = hub.test;
  const list = listOf(hub, false);
  const by = (signer: typeof acceptKey) => utf8(sealDocument("acceptlist", list, [signer]));
  const forged = await ada.send("/accept-list", { document: by(fleet.operator) });
  assert.equal(forged.status, 400);
  for (const document of ["", "{}", canonicalText(list), "<script>"]) {
    const refused = await ada.send("/accept-list", { document });
    assert.equal(refused.status, 400);
    const kept = /<textarea name="document"[^>]*>([^<]*)</.exec(refused.text)![1]!;
    assert.equal(
      kept.replaceAll("&quot;", '"').replaceAll("&lt;", "<").replaceAll("&gt;", ">"),
      document,
    );
  }
  const unsigned = await ada.send("/accept-list", { document: canonicalText(list) });
  assert.match(unsigned.text, /Cannot take what nobody signed/);
  assert.equal(await hub.lists.newest("acme"), undefined);
  assert.equal((await ada.send("/accept-list", { document: by(acceptKey) })).status, 303);
  assert.equal((await hub.lists.newest("acme"))?.list.version, 1);
  const { text } = await ada.open("/accept-list");
  assert.match(text, /version 1 of epoch 1/);
  const same = await ada.send("/accept-list/compare", { document: by(acceptKey) });
  assert.match(same.text, /says what the one in force says/);
});

Deno.test("a root that ends the newest list is handed in with the next list, or said to be alone", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  const { test, lists } = hub;
  const list = listOf(hub, false);
  const first = sealDocument("acceptlist", list, [test.acceptKey]);
  await lists.put("acme", "system", first);
  const root = (version: number, accept: typeof test.acceptKey) => {
    const only = { keys: [accept.publicKey], threshold: 1 };
    const { roles, ...rest } = test.root("acme");
    const next = { ...rest, version, roles: { ...roles, accept: only } };
    return sealDocument("root", next, [test.rootKey]);
  };
  const file = (bytes: Uint8Array, name: string) => new File([bytes.slice()], name);
  const second = root(2, test.rootKey);
  const refused = await ada.sendFiles("/accept-list", {}, [file(second, "root.2.json")]);
  assert.equal(refused.status, 409);
  assert.match(refused.text, /hand it in together with a list that does/);
  const prev = digestOf(openEnvelope("acceptlist", first).payload);
  const next = sealDocument("acceptlist", { ...list, version: 2, prev }, [test.rootKey]);
  // As browsers send them: by their names, and so the list first.
  const files = [file(next, "acceptlist.2.json"), file(second, "root.2.json")];
  const rings = await ada.sendFiles("/accept-list/roll-out", {}, files);
  assert.equal(rings.status, 400);
  assert.equal((await ada.sendFiles("/accept-list", {}, files)).status, 303);
  assert.equal((await lists.newest("acme"))?.version, 2);
  const third = { document: utf8(root(3, test.acceptKey)) };
  assert.equal((await ada.send("/accept-list", third)).status, 409);
  assert.equal((await ada.send("/accept-list", { ...third, alone: "on" })).status, 303);
  assert.equal((await lists.root("acme")).root.version, 3);
});

Deno.test("files beside the form of lists are taken of those alone who may see lists", async () => {
  await using hub = await consoleFixture();
  const long = { document: "x".repeat(300 << 10) };
  assert.equal((await hub.visit().send("/accept-list", long)).status, 413);
  const viewer = await hub.enter("vic", "viewer");
  assert.equal((await viewer.send("/accept-list/compare", long)).status, 400);
});

Deno.test("a signed list is handed in ring by ring", async () => {
  await using hub = await consoleFixture();
  await hub.agent({ id: `writ-key:${"A".repeat(43)}` });
  const ada = await hub.enter("ada");
  const document = utf8(sealDocument("acceptlist", listOf(hub, false), [hub.test.acceptKey]));
  const begun = await ada.send("/accept-list/roll-out", { document });
  assert.equal(begun.status, 303);
  const page = begun.headers.get("location")!.split("?")[0]!;
  assert.match((await ada.open(page)).text, /Rollout of accept-list 1/);
  assert.equal((await ada.send("/accept-list/roll-out", { document })).status, 409);
});

Deno.test("only those who may carry lists hand one in", async () => {
  await using hub = await consoleFixture();
  const operator = await hub.enter("ona", "operator");
  const document = utf8(sealDocument("acceptlist", listOf(hub, false), [hub.test.acceptKey]));
  assert.doesNotMatch((await operator.open("/accept-list")).text, /Hand in/);
  assert.equal((await operator.send("/accept-list", { document })).status, 403);
});

Deno.test("a script's page says in words what it may touch, and shows what changed", async () => {
  await using hub = await consoleFixture();
  const ada = await hub.enter("ada");
  await hub.publish("1.0.0", {}, "export default { run: () => 1 };\n");
  await hub.publish("2.0.0", { sequence: 2 }, "export default { run: () => '</pre><b>' };\n");
  const path = `/scripts/${hub.test.fleet.script}`;
  assert.match((await ada.open(path)).text, /no agent runs it/);
  const list = listOf(hub, false);
  await hub.lists.put("acme", "system", sealDocument("acceptlist", list, [hub.test.acceptKey]));
  const newest = await ada.open(path);
  assert.match(newest.text, /can talk to 192\.168\.1\.20 port 631 and nothing else/);
  assert.match(newest.text, /not accepted/);
  assert.match(newest.text, /&lt;\/pre&gt;&lt;b&gt;/);
  const accepted = [...newest.text.matchAll(/<span class="badge \w+">((?:not )?accepted)</g)];
  assert.deepEqual(accepted.map(([, word]) => word), ["not accepted", "accepted"]);
  const compared = await ada.open(`${path}?version=2.0.0&against=1.0.0`);
  assert.match(compared.text, /class="del">-export default \{ run: \(\) =&gt; 1 \};/);
  assert.match(compared.text, /class="add">\+export default/);
});
