import assert from "node:assert/strict";
import fc from "fast-check";
import { parseNetAddress } from "../../runtime/policy/net/address.ts";
import {
  denyNetValues,
  type NetDeny,
  netDenyList,
  type NetGrant,
} from "../../runtime/policy/net/deny_list.ts";
import { INTERNAL_RANGES } from "../../runtime/policy/net/internal_ranges.ts";
import { type Cidr, contains, parseIp } from "../../runtime/policy/net/ip.ts";

const port = fc.constantFrom(80, 443, 631);
const v4 = fc.oneof(
  fc.constantFrom("127.0.0.1", "10.1.2.3", "192.168.1.20", "100.64.0.1", "93.184.216.34"),
  fc.tuple(fc.nat(255), fc.nat(255)).map(([a, b]) => `192.168.${a}.${b}`),
);
const v6 = fc.constantFrom("::1", "fd00::5", "fe80::1", "2606:4700::1111");
const literal = fc.tuple(fc.oneof(v4, v6), port).map(([ip, p]) =>
  grant(`${ip.includes(":") ? `[${ip}]` : ip}:${p}`, false)
);
const named = fc.tuple(port, fc.boolean()).map(([p, internal]) =>
  grant(`${internal ? "intranet" : "www"}.example:${p}`, internal)
);

Deno.test("netDenyList() never denies what is granted by address", () => {
  fc.assert(
    fc.property(fc.array(literal, { minLength: 1 }), fc.array(named), (addresses, names) => {
      const denies = netDenyList([...addresses, ...names]);
      for (const g of addresses) assert.equal(isDenied(denies, g.ip!, g.port), false);
    }),
  );
});

Deno.test("netDenyList() keeps names from every internal address that was not granted", () => {
  fc.assert(
    fc.property(
      fc.array(literal),
      fc.array(named, { minLength: 1 }),
      literal,
      (a, names, probe) => {
        for (const name of names) {
          // Two names on one port are not told apart; a grant that has such a pair is refused.
          fc.pre(!names.some((n) => n.port === name.port && n.internal !== name.internal));
          const target = probe.ip!;
          const given = a.some((g) => g.port === name.port && g.ip!.value === target.value);
          const expected = !given && isInternal(target, name.internal);
          assert.equal(isDenied(netDenyList([...a, ...names]), target, name.port), expected);
        }
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("netDenyList() keeps metadata and link-local addresses even from internal names", () => {
  const denies = netDenyList([grant("intranet.example:80", true)]);
  for (
    const ip of ["169.254.169.254", "100.100.100.200", "fe80::1", "0.0.0.0", "::", "224.0.0.1"]
  ) {
    assert.ok(isDenied(denies, parseIp(ip)!, 80), ip);
  }
  for (const ip of ["127.0.0.1", "10.0.0.1", "192.168.1.1", "::1", "fd00::1"]) {
    assert.ok(!isDenied(denies, parseIp(ip)!, 80), ip);
  }
});

Deno.test("netDenyList() closes a granted address on the port of a name it was not meant for", () => {
  const denies = netDenyList([grant("127.0.0.1:631", false), grant("www.example:443", false)]);
  assert.equal(isDenied(denies, parseIp("127.0.0.1")!, 631), false);
  assert.equal(isDenied(denies, parseIp("127.0.0.1")!, 443), true);
});

Deno.test("netDenyList() is empty when nothing is granted", () => {
  assert.deepEqual(netDenyList([]), []);
});

Deno.test("denyNetValues() writes IPv4 blocks and single IPv6 addresses, no IPv6 block", () => {
  const values = denyNetValues(netDenyList([grant("www.example:443", false)]));
  assert.ok(values.includes("127.0.0.0/8"));
  assert.ok(values.includes("[::1]"));
  assert.ok(values.includes("[fd00:ec2::254]"));
  assert.deepEqual(values.filter((v) => v.includes("[") && v.includes("/")), []);
});

/** Whether a list denies one address and port. */
function isDenied(denies: readonly NetDeny[], address: Cidr, port: number): boolean {
  return denies.some((d) => contains(d.block, address) && (d.port ?? port) === port);
}

/** Whether a granted name must not lead to an address. */
function isInternal(address: Cidr, internal: boolean): boolean {
  return INTERNAL_RANGES.some((range) =>
    contains(range.block, address) && !(internal && range.reach === "internal")
  );
}

function grant(address: string, internal: boolean): NetGrant {
  const parsed = parseNetAddress(address);
  assert.ok("ok" in parsed, address);
  return { ...parsed.ok, internal };
}
