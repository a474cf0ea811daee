import assert from "node:assert/strict";
import { canonicalBytes } from "../../runtime/core/canonical_json.ts";
import { parseDocument } from "../../runtime/core/documents/parse.ts";
import type { DocumentKind } from "../../runtime/core/dsse.ts";
import type { VerificationCode } from "../../runtime/core/errors.ts";
import { generateSigner } from "../../runtime/core/key.ts";
import { assertRefused } from "./assert_refused.ts";
import { makeFleet, roleOf, utf8 } from "./fixtures.ts";

const fleet = makeFleet();
const [a, b] = [generateSigner(), generateSigner()];
const NEUTRAL = "ed25519:AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const GOOD = {
  root: fleet.root(),
  acceptlist: fleet.list(),
  manifest: fleet.manifest(),
  order: fleet.order(),
  advert: fleet.advert(),
  release: fleet.release(),
};

/** What is changed at the top of a good document, and by which rule that is refused. */
type Change = [name: string, change: Record<string, unknown>, code?: VerificationCode];

function parse(kind: DocumentKind, document: unknown) {
  return parseDocument(kind, canonicalBytes(document));
}

async function refuseAll(t: Deno.TestContext, kind: DocumentKind, changes: readonly Change[]) {
  assert.deepEqual(parse(kind, GOOD[kind]), GOOD[kind]);
  for (const [name, change, code = "bad_schema"] of changes) {
    await t.step(name, () => assertRefused(code, () => parse(kind, { ...GOOD[kind], ...change })));
  }
  for (const field of Object.keys(GOOD[kind])) {
    await t.step(`without ${field}`, () => {
      const { [field]: _, ...rest } = GOOD[kind] as Record<string, unknown>;
      assertRefused("bad_schema", () => parse(kind, rest));
    });
    await t.step(`${field} is null`, () => {
      const accepted = kind === "acceptlist" && field === "prev" ||
        kind === "order" && field === "input";
      const act = () => parse(kind, { ...GOOD[kind], [field]: null });
      if (accepted) act();
      else assertRefused("bad_schema", act);
    });
  }
  for (const field of ["note", "constructor", "toString", "prototype", "hasOwnProperty", ""]) {
    await t.step(`unknown field "${field}"`, () => {
      assertRefused("bad_schema", () => parse(kind, { ...GOOD[kind], [field]: 1 }));
    });
  }
  for (const value of [null, [], [GOOD[kind]], {}, "", 1, true]) {
    await t.step(`instead of it ${JSON.stringify(value).slice(0, 20)}`, () => {
      assertRefused("bad_schema", () => parse(kind, value));
    });
  }
  await t.step("no byte at all", () => {
    assertRefused("not_canonical", () => parseDocument(kind, new Uint8Array()));
  });
  await t.step("not canonical", () => {
    const text = JSON.stringify(GOOD[kind], null, 1);
    assertRefused("not_canonical", () => parseDocument(kind, utf8(text)));
  });
}

/** A role's mistakes, wherever a role stands. */
function roleChanges(place: (role: unknown) => Record<string, unknown>): Change[] {
  const key = a.publicKey;
  return [
    ["no key", place({ keys: [], threshold: 1 })],
    ["the same key twice", place({ keys: [key, key], threshold: 1 })],
    ["threshold 0", place({ keys: [key], threshold: 0 })],
    ["threshold -1", place({ keys: [key], threshold: -1 })],
    ["threshold 1.5", place({ keys: [key], threshold: 1.5 })],
    ["a threshold beyond its keys", place({ keys: [key], threshold: 2 })],
    ["threshold as text", place({ keys: [key], threshold: "1" })],
    ["a key in a list of its own", place({ keys: [[key]], threshold: 1 })],
    ["an empty key", place({ keys: [""], threshold: 1 })],
    ["a key in a second spelling", place({ keys: [key.slice(0, -1) + "B"], threshold: 1 })],
    ["a key of another kind", place({ keys: [key.replace("ed25519", "rsa")], threshold: 1 })],
    ["a key of small order", place({ keys: [NEUTRAL], threshold: 1 }), "low_order_key"],
    [
      "17 keys",
      place({ keys: Array.from({ length: 17 }, () => generateSigner().publicKey), threshold: 1 }),
    ],
    ["an unknown field in a role", place({ keys: [key], threshold: 1, note: "" })],
  ];
}

Deno.test("parseDocument() refuses a root that is not as it must be", async (t) => {
  const roles = GOOD.root.roles;
  await refuseAll(t, "root", [
    ...roleChanges((root) => ({ roles: { ...roles, root } })),
    ...roleChanges((operator) => ({ orderers: { operator } })),
    ...roleChanges((releases) => ({ roles: { ...roles, releases } })),
    ["no roles", { roles: {} }],
    ["an unknown role", { roles: { ...roles, mirror: roleOf([a]) } }],
    ["an orderer with an empty name", { orderers: { "": roleOf([a]) } }],
    ["an orderer named constructor", { orderers: { constructor: roleOf([a]) } }],
    ["version 0", { version: 0 }],
    ["version 2^53", { version: 2 ** 53 }],
    ["epoch 0", { epoch: 0 }],
    ["an empty fleet name", { fleet: "" }],
    ["a fleet name in capitals", { fleet: "Demo" }],
    ["30 February", { expires: "2027-02-30T00:00:00Z" }],
    ["a 99th month", { expires: "2027-99-01T00:00:00Z" }],
    ["24 o'clock", { expires: "2027-02-28T24:00:00Z" }],
    ["a time zone", { expires: "2027-02-28T00:00:00+01:00" }],
    ["milliseconds", { expires: "2027-02-28T00:00:00.000Z" }],
    ["an empty date", { expires: "" }],
  ]);
  const most = Array.from({ length: 16 }, generateSigner);
  parse("root", fleet.root({ orderers: {} }));
  parse("root", fleet.root({ orderers: { operator: roleOf(most, 16) } }));
});

Deno.test("parseDocument() refuses an accept-list that is not as it must be", async (t) => {
  const [accept] = GOOD.acceptlist.accept;
  const [grant] = GOOD.acceptlist.grants;
  const sha256 = GOOD.manifest.module.sha256;
  const publisher = (keys: unknown[], threshold = 1) => ({
    publishers: { acme: { keys, threshold } },
  });
  const permissions = (value: unknown) => ({ grants: [{ ...grant, permissions: value }] });
  const key = a.publicKey;
  const reason = "needed";
  await refuseAll(t, "acceptlist", [
    ["a publisher without keys", publisher([])],
    ["a publisher's key twice", publisher([{ key, state: "active" }, { key, state: "revoked" }])],
    ["a threshold beyond the keys", publisher([{ key, state: "active" }], 2)],
    ["threshold 0", publisher([{ key, state: "active" }], 0)],
    ["an unknown key state", publisher([{ key, state: "asleep" }])],
    ["an empty key state", publisher([{ key, state: "" }])],
    ["a key of small order", publisher([{ key: NEUTRAL, state: "active" }]), "low_order_key"],
    ["a denied key of small order", { deny: [{ key: NEUTRAL }] }, "low_order_key"],
    ["an empty publisher name", { publishers: { "": GOOD.acceptlist.publishers.acme } }],
    ["a publisher named prototype", { publishers: { prototype: 1 } }],
    ["an empty accept entry", { accept: [{}] }],
    ["an accept entry twice", { accept: [accept, accept] }],
    ["an accept entry by hash and range", { accept: [{ ...accept, sha256 }] }],
    ["an accept entry of an unknown kind", { accept: [{ script: "acme/hello", any: true }] }],
    ["an empty range", { accept: [{ script: "acme/hello", range: "" }] }],
    ["a range with an empty part", { accept: [{ script: "acme/hello", range: "^1 || " }] }],
    ["a range that is none", { accept: [{ script: "acme/hello", range: "newest" }] }],
    ["a script without publisher", { accept: [{ script: "hello", range: "*" }] }],
    ["a script with two slashes", { accept: [{ script: "a/b/c", range: "*" }] }],
    ["a hash in capitals", { accept: [{ script: "a/b", sha256: sha256.toUpperCase() }] }],
    ["a hash in a list", { accept: [{ script: "a/b", sha256: [sha256] }] }],
    ["a script in a list", { accept: [{ script: ["a/b"], range: "*" }] }],
    ["an empty hash", { accept: [{ script: "a/b", sha256: "" }] }],
    ["a bare hash", { accept: [{ script: "a/b", sha256: sha256.slice(7) }] }],
    ["an empty deny entry", { deny: [{}] }],
    ["a deny entry with only a reason", { deny: [{ reason }] }],
    ["a deny entry twice", { deny: [{ script: "a/b" }, { script: "a/b" }] }],
    ["a grant twice", { grants: [grant, { ...grant, orders: [] }] }],
    ["an orderer twice in a grant", { grants: [{ ...grant, orders: ["hub", "hub"] }] }],
    ["an empty label", { labels: { [fleet.agent]: [""] } }],
    ["a label twice", { labels: { [fleet.agent]: ["x", "x"] } }],
    ["a label for an empty agent", { labels: { "": ["x"] } }],
    ["a label for a public key", { labels: { [key]: ["x"] } }],
    ["a permission of an unknown kind", permissions({ disk: ["/"] })],
    ["an empty path", permissions({ read: [""] })],
    ["a path twice", permissions({ read: ["/a", "/a"] })],
    ["a path with a comma", permissions({ read: ["/a,/etc"] })],
    ["a name with a line break", permissions({ env: ["A\nB"] })],
    ["an address without internal", permissions({ net: [{ address: "a:1" }] })],
    ["unsafe without a reason", permissions({ unsafe: [{ permission: "run", value: "ls" }] })],
    [
      "unsafe with an empty reason",
      permissions({ unsafe: [{ permission: "run", value: "", reason: "" }] }),
    ],
    [
      "unsafe of an unknown kind",
      permissions({ unsafe: [{ permission: "all", value: "", reason }] }),
    ],
    ["an unknown capability", { grants: [{ ...grant, capabilities: { root: {} } }] }],
    ["a limit of 0", { grants: [{ ...grant, limits: { ...grant!.limits, cpuMs: 0 } }] }],
    ["a limit less", { grants: [{ ...grant, limits: { cpuMs: 1 } }] }],
    ["an unknown life", { grants: [{ ...grant, life: "eternal" }] }],
    ["level 4", { grants: [{ ...grant, minLevel: 4 }] }],
  ]);
  parse("acceptlist", fleet.list({ publishers: {}, accept: [], grants: [], labels: {} }));
});

Deno.test("parseDocument() refuses a manifest that is not as it must be", async (t) => {
  const module = GOOD.manifest.module;
  const reason = "to print";
  await refuseAll(t, "manifest", [
    ["an empty publisher", { publisher: "" }],
    ["a name with a slash", { name: "a/b" }],
    ["a name of 65 characters", { name: "a".repeat(65) }],
    ["an empty version", { version: "" }],
    ["a version with v", { version: "v1.2.0" }],
    ["a version of two parts", { version: "1.2" }],
    ["a version with a leading zero", { version: "1.02.0" }],
    ["a version with build metadata", { version: "1.2.0+x" }],
    ["a version with a space", { version: "1.2.0 " }],
    ["a version that is a number", { version: 1.2 }],
    ["sequence 0", { sequence: 0 }],
    ["sequence 1.5", { sequence: 1.5 }],
    ["an empty module", { module: {} }],
    ["a module of no length", { module: { ...module, length: 0 } }],
    ["a module of another media type", { module: { ...module, mediaType: "text/plain" } }],
    ["a module of an empty media type", { module: { ...module, mediaType: "" } }],
    ["a request of an unknown kind", { requests: [{ permission: "all", reason }] }],
    ["a request without reason", { requests: [{ permission: "net", value: "a:1", reason: "" }] }],
    ["a request of an empty value", { requests: [{ permission: "net", value: "", reason }] }],
    [
      "a request twice",
      { requests: [{ permission: "net", reason }, { permission: "net", reason: "again" }] },
    ],
    ["an unknown capability", { capabilities: ["root"] }],
    ["a capability twice", { capabilities: ["store", "store"] }],
    ["an empty runtime range", { runtime: "" }],
    ["a runtime range that is none", { runtime: "soon" }],
    ["an unknown life", { life: "eternal" }],
    ["an unknown limit", { limits: { disk: 1 } }],
    ["idempotent as text", { idempotent: "yes" }],
    ["retry without delay", { retry: { attempts: 1 } }],
    ["a schema that is a list", { inputSchema: [] }],
    ["a schema with a key named constructor", { inputSchema: { constructor: {} } }],
  ]);
  parse("manifest", fleet.manifest({ version: "1.0.0-rc.1", name: "a".repeat(64) }));
});

Deno.test("parseDocument() refuses an order that is not as it must be", async (t) => {
  const name = "acme/hello";
  const sha256 = GOOD.manifest.module.sha256;
  const attachment = { name: "a.pdf", sha256, length: 0 };
  await refuseAll(t, "order", [
    ["an empty id", { id: "" }],
    ["an id in capitals", { id: "3B241101-E2BB-4255-8CAF-4136C566A962" }],
    ["an id that is no UUID", { id: "1" }],
    ["an empty script", { script: {} }],
    ["a script without hash or range", { script: { name } }],
    ["a script with both", { script: { name, sha256, range: "*" } }],
    ["a script with an empty range", { script: { name, range: "" } }],
    ["a script with an empty name", { script: { name: "", range: "*" } }],
    ["an empty audience", { audience: {} }],
    ["an audience of nobody", { audience: { agents: [] } }],
    ["an audience of no label", { audience: { labels: [] } }],
    ["an audience of both", { audience: { agents: [fleet.agent], labels: ["x"] } }],
    ["an agent twice", { audience: { agents: [fleet.agent, fleet.agent] } }],
    ["an agent in a list of its own", { audience: { agents: [[fleet.agent]] } }],
    ["an agent by public key", { audience: { agents: [b.publicKey] } }],
    ["an audience of all", { audience: { all: true } }],
    ["an attachment of an empty name", { attachments: [{ ...attachment, name: "" }] }],
    ["an attachment twice", { attachments: [attachment, attachment] }],
    ["an attachment of length -1", { attachments: [{ ...attachment, length: -1 }] }],
    [
      "65 attachments",
      { attachments: Array.from({ length: 65 }, (_, i) => ({ ...attachment, name: `${i}` })) },
    ],
    ["an empty schedule", { schedule: {} }],
    ["an empty queue key", { queueKey: "" }],
    ["an empty idempotency key", { idempotencyKey: "" }],
  ]);
  parse(
    "order",
    fleet.order({ input: { constructor: 1, toString: null }, attachments: [attachment] }),
  );
});

Deno.test("parseDocument() refuses an advert whose fields are not as they must be", async (t) => {
  await refuseAll(t, "advert", [
    ["a key of small order", { key: NEUTRAL }, "low_order_key"],
    ["a relay of small order", { relays: [NEUTRAL] }, "low_order_key"],
    ["the same relay twice", { relays: [a.publicKey, a.publicKey] }],
    ["an address with a path", { addresses: ["https://10.0.0.7:8443/x"] }],
    ["an address with a slash", { addresses: ["https://10.0.0.7:8443/"] }],
    ["an address with a password", { addresses: ["https://a:b@10.0.0.7:8443"] }],
    ["an address of a file", { addresses: ["file:///etc/passwd"] }],
    ["nine addresses", { addresses: Array.from({ length: 9 }, (_, i) => `http://10.0.0.${i}:1`) }],
    ["an address twice", { addresses: ["http://10.0.0.1:1", "http://10.0.0.1:1"] }],
    ["sequence 0", { sequence: 0 }],
    ["a script that is no name", { scripts: ["print"] }],
    ["blobs that are not base64url", { blobs: "a b" }],
  ]);
});

Deno.test("parseDocument() refuses a release whose fields are not as they must be", async (t) => {
  const { targets } = GOOD.release;
  const [list] = Object.values(targets);
  await refuseAll(t, "release", [
    ["sequence 0", { sequence: 0 }],
    ["a version that is none", { version: "v1" }],
    ["a Deno that is none", { deno: "2" }],
    ["no target", { targets: {} }],
    ["a target that is none", { targets: { linux: list } }],
    ["a target with a path in it", { targets: { "x86_64-unknown-linux/../gnu": list } }],
    ["a list of another digest", { targets: { "a-b-c": { ...list, sha256: "sha1:00" } } }],
    ["a list without a length", { targets: { "a-b-c": { sha256: list!.sha256 } } }],
  ]);
});
