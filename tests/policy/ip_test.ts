import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Cidr,
  contains,
  formatCidr,
  parseCidr,
  parseIp,
  subtract,
} from "../../runtime/policy/net/ip.ts";

const bits = fc.constantFrom<32 | 128>(32, 128);
const block = bits.chain((b) =>
  fc.tuple(fc.bigInt({ min: 0n, max: (1n << BigInt(b)) - 1n }), fc.integer({ min: 0, max: b }))
    .map(([value, prefix]): Cidr => {
      const shift = BigInt(b - prefix);
      return { bits: b, value: (value >> shift) << shift, prefix };
    })
);

Deno.test("parseIp() takes the usual spellings only", async (t) => {
  const accepted: [string, string][] = [
    ["192.168.1.20", "192.168.1.20"],
    ["0.0.0.0", "0.0.0.0"],
    ["::", "::"],
    ["::1", "::1"],
    ["FD00::1", "fd00::1"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["::ffff:192.168.1.20", "192.168.1.20"],
    ["::ffff:c0a8:114", "192.168.1.20"],
    ["64:ff9b::1.2.3.4", "64:ff9b::102:304"],
  ];
  for (const [text, canonical] of accepted) {
    await t.step(text, () => assert.equal(formatCidr(parseIp(text)!), canonical));
  }
  const refused = [
    "",
    "127.1",
    "0x7f.0.0.1",
    "127.0.0.01",
    "256.0.0.1",
    "1.2.3.4.5",
    "1.2.3",
    ":",
    ":::",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "fe80::1%eth0",
    "12345::",
    "g::",
    "[::1]",
    "::1.2.3",
    " 1.2.3.4",
  ];
  for (const text of refused) {
    await t.step(`not ${JSON.stringify(text)}`, () => assert.equal(parseIp(text), undefined));
  }
});

Deno.test("parseCidr() refuses bits behind the prefix and prefixes that are none", () => {
  assert.ok(parseCidr("10.0.0.0/8"));
  for (const text of ["10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/08", "10.0.0.0/", "10.0.0.0/8/8"]) {
    assert.equal(parseCidr(text), undefined);
  }
});

Deno.test("parseCidr() reads back what formatCidr() writes", () => {
  fc.assert(fc.property(block, (b) => {
    // An IPv4-mapped address is read as the IPv4 address it is.
    fc.pre(b.bits === 32 || b.value >> 32n !== 0xffffn);
    assert.deepEqual(parseCidr(formatCidr(b)), b);
  }));
});

Deno.test("subtract() leaves everything but the hole, exactly once", () => {
  fc.assert(
    fc.property(block, block, fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (from, hole, any) => {
      fc.pre(from.bits === hole.bits);
      const size = 1n << BigInt(from.bits - from.prefix);
      const inside = point(from, from.value + any % size);
      const last = hole.value + (1n << BigInt(hole.bits - hole.prefix)) - 1n;
      const rest = subtract(from, hole);
      for (const p of [inside, point(hole, hole.value), point(hole, last)]) {
        const expected = contains(from, p) && !contains(hole, p);
        assert.equal(rest.filter((r) => contains(r, p)).length, expected ? 1 : 0);
      }
    }),
    { numRuns: 500 },
  );
});

Deno.test("subtract() needs at most one block for each bit it goes down", () => {
  const rest = subtract(parseCidr("127.0.0.0/8")!, parseCidr("127.0.0.1")!);
  assert.equal(rest.length, 24);
  assert.deepEqual(subtract(parseCidr("127.0.0.1")!, parseCidr("127.0.0.0/8")!), []);
});

function point({ bits }: Cidr, value: bigint): Cidr {
  return { bits, value, prefix: bits };
}
