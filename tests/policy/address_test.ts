import assert from "node:assert/strict";
import { parseNetAddress } from "../../runtime/policy/net/address.ts";

Deno.test("parseNetAddress() takes a host and a port in one spelling", async (t) => {
  const accepted = [
    "192.168.1.20:631",
    "127.0.0.1:1",
    "8.8.8.8:65535",
    "169.254.10.20:9100",
    "[fd00::5]:443",
    "printer:631",
    "a-b.example.com:443",
    "_ipp.example:631",
    "xn--bcher-kva.example:80",
  ];
  for (const text of accepted) {
    await t.step(text, () => assert.ok("ok" in parseNetAddress(text)));
  }
  const refused: [text: string, code: string, hint?: string][] = [
    ["", "bad_value"],
    [":80", "bad_value"],
    ["192.168.1.20", "bad_value", "192.168.1.20:631"],
    ["192.168.1.20:0", "bad_value"],
    ["192.168.1.20:65536", "bad_value"],
    ["192.168.1.20:0631", "bad_value"],
    ["192.168.1.20:631,evil.example:80", "bad_value"],
    ["192.168.1.20:631 ", "bad_value"],
    ["Printer:631", "bad_value", "printer:631"],
    ["printer.:631", "bad_value"],
    ["bücher.example:80", "bad_value"],
    ["http://printer:80/", "bad_value", "printer:80"],
    ["ipp://printer/ipp/print", "bad_value", "printer:631"],
    ["127.1:80", "bad_value"],
    ["2130706433:80", "bad_value"],
    ["0x7f000001:80", "bad_value"],
    ["fd00::5", "bad_value", "[fd00::5]:631"],
    ["[FD00::5]:80", "bad_value", "[fd00::5]:80"],
    ["[::ffff:10.0.0.1]:80", "bad_value", "10.0.0.1:80"],
    ["[fe80::1%eth0]:80", "bad_value"],
    ["[127.0.0.1]:80", "bad_value"],
    ["*.example.com:443", "needs_unsafe"],
    ["10.0.0.0/8:80", "needs_unsafe"],
    ["0.0.0.0:80", "needs_unsafe"],
    ["[::]:80", "needs_unsafe"],
    ["169.254.169.254:80", "needs_unsafe"],
    ["100.100.100.200:80", "needs_unsafe"],
    ["[fd00:ec2::254]:80", "needs_unsafe"],
    ["224.0.0.251:5353", "needs_unsafe"],
    ["255.255.255.255:9", "needs_unsafe"],
    ["[64:ff9b::a00:1]:80", "needs_unsafe"],
    ["unix:/run/docker.sock", "bad_value"],
    ["vsock:1:1", "bad_value"],
  ];
  for (const [text, code, hint] of refused) {
    await t.step(`not ${JSON.stringify(text)}`, () => {
      const result = parseNetAddress(text);
      assert.ok("code" in result);
      assert.equal(result.code, code);
      if (hint) assert.equal(result.hint, `did you mean "${hint}"?`);
    });
  }
});
