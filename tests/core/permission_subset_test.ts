import assert from "node:assert/strict";
import fc from "fast-check";
import type { Permissions } from "../../runtime/core/documents/grant.ts";
import type { PermissionRequest } from "../../runtime/core/documents/manifest.ts";
import { coversRequest, firstUncovered } from "../../runtime/core/permission_subset.ts";

const reason = "needed";
const net = (address: string, internal = false): Permissions => ({ net: [{ address, internal }] });
const read = (...paths: string[]): Permissions => ({ read: paths });
const unsafe = (
  permission: PermissionRequest["permission"],
  value: string,
): Permissions => ({ unsafe: [{ permission, value, reason }] });

/** Name, the wider, what it covers, what it does not. */
const CASES: [name: string, outer: Permissions, covered: Permissions, uncovered: Permissions][] = [
  ["net, another port", net("a.example:631"), net("a.example:631"), net("a.example:632")],
  ["net, another host", net("a.example:631"), net("A.example:631"), net("b.example:631")],
  ["net, a host covers its ports", net("a.example"), net("a.example:80"), net("xa.example:80")],
  [
    "net, a port does not cover the host",
    net("a.example:80"),
    net("a.example:80"),
    net("a.example"),
  ],
  ["net, no subdomains", net("a.example"), net("a.example"), net("x.a.example")],
  ["net, IPv6", net("[::1]"), net("[::1]:80"), net("[::2]:80")],
  ["net, IPv6 is not cut at a colon", net("[2001"), net("[2001"), net("[2001:db8::1]:80")],
  ["net, internal", net("a:1", true), net("a:1", false), net("b:1", true)],
  ["net, not internal", net("a:1", false), net("a:1", false), net("a:1", true)],
  ["read, below", read("/srv/a"), read("/srv/a/b"), read("/srv")],
  ["read, by whole segments", read("/srv/a"), read("/srv/a/"), read("/srv/ab")],
  ["read, the root", read("/"), read("/etc/passwd"), read("etc")],
  ["read, no climbing", read("/srv/a"), read("/srv/a/..b"), read("/srv/a/../b")],
  ["read, no dot", read("/srv"), read("/srv/.x"), read("/srv/./x")],
  ["read, no empty segment", read("/srv"), read("/srv/x"), read("/srv//x")],
  ["read, a grant that climbs covers nothing", read("/a", "/b/.."), read("/a"), read("/b")],
  ["read, all of several", read("/a", "/b"), read("/b", "/a/x"), read("/a", "/c")],
  ["read is not write", read("/a"), read("/a"), { write: ["/a"] }],
  ["write", { write: ["/a"] }, { write: ["/a/b"] }, { write: ["/b"] }],
  ["env", { env: ["A"] }, { env: ["A"] }, { env: ["AB"] }],
  ["env, case counts", { env: ["A"] }, { env: ["A"] }, { env: ["a"] }],
  ["sys", { sys: ["osRelease"] }, { sys: ["osRelease"] }, { sys: ["hostname"] }],
  ["nothing", {}, {}, net("a:1")],
  ["empty lists", { net: [], read: [] }, { write: [] }, read("/")],
  ["unsafe, the same", unsafe("run", "lp"), unsafe("run", "lp"), unsafe("run", "sh")],
  ["unsafe, without value", unsafe("run", ""), unsafe("run", "sh"), unsafe("ffi", "x")],
  [
    "unsafe, a value does not cover all",
    unsafe("read", "/a"),
    unsafe("read", "/a"),
    unsafe("read", ""),
  ],
  ["unsafe, not by prefix", unsafe("read", "/a"), unsafe("read", "/a"), unsafe("read", "/a/b")],
  ["unsafe, not by ordinary", read("/"), read("/a"), unsafe("read", "/a")],
  ["unsafe, not by internal", net("a:1", true), net("a:1", true), unsafe("net", "a:1")],
  ["unsafe covers ordinary", unsafe("read", ""), read("/etc"), { write: ["/etc"] }],
  ["unsafe covers internal", unsafe("net", ""), net("a:1", true), unsafe("run", "")],
];

Deno.test("firstUncovered() finds nothing in what is covered, and the nearest that is not", async (t) => {
  for (const [name, outer, covered, uncovered] of CASES) {
    await t.step(name, () => {
      assert.equal(firstUncovered(covered, outer), undefined);
      assert.equal(typeof firstUncovered(uncovered, outer), "string");
    });
  }
});

Deno.test("firstUncovered() holds for itself, and nothing wider comes from narrower", () => {
  const segment = fc.constantFrom("a", "b", "..", ".", "ab");
  const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`);
  fc.assert(fc.property(path, path, (outer, inner) => {
    if (firstUncovered(read(inner), read(outer)) !== undefined) return;
    const base = outer === "/" ? "/" : `${outer.replace(/\/$/, "")}/`;
    // What is covered stays below when a path is resolved as a system does.
    assert.ok(`${new URL(`file://${inner}`).pathname}/`.startsWith(base));
  }));
});

Deno.test("coversRequest() wants something of that kind when no value is asked", async (t) => {
  const cases: [PermissionRequest["permission"], Permissions][] = [
    ["net", net("a:1")],
    ["read", read("/a")],
    ["write", { write: ["/a"] }],
    ["env", { env: ["A"] }],
    ["sys", { sys: ["osRelease"] }],
    ["run", unsafe("run", "lp")],
    ["ffi", unsafe("ffi", "lib.so")],
  ];
  for (const [permission, permissions] of cases) {
    await t.step(permission, () => {
      assert.equal(coversRequest(permissions, { permission, reason }), true);
      assert.equal(coversRequest({}, { permission, reason }), false);
      for (const [other] of cases.filter(([kind]) => kind !== permission)) {
        assert.equal(coversRequest(permissions, { permission: other, reason }), false);
      }
    });
  }
});

Deno.test("coversRequest() decides a value as firstUncovered() does", () => {
  const ask = (permission: PermissionRequest["permission"], value: string) => ({
    permission,
    value,
    reason,
  });
  assert.equal(coversRequest(net("a", true), ask("net", "a:80")), true);
  assert.equal(coversRequest(net("a:80"), ask("net", "a:81")), false);
  assert.equal(coversRequest(read("/a"), ask("read", "/a/b")), true);
  assert.equal(coversRequest(read("/a"), ask("read", "/ab")), false);
  assert.equal(coversRequest(unsafe("run", "lp"), ask("run", "lp")), true);
  assert.equal(coversRequest(unsafe("run", "lp"), ask("run", "sh")), false);
});
