import assert from "node:assert/strict";
import { checkGrantedNames } from "../../runtime/policy/mod.ts";

const ADDRESSES: Record<string, string[]> = {
  "www.example": ["93.184.216.34", "2606:4700::1111"],
  "printer": ["fd00::5"],
  "sly.example": ["2606:4700::1111", "64:ff9b::a00:1"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "scoped.example": ["fe80::1%eth0"],
  "odd.example": ["not an address"],
};

Deno.test("checkGrantedNames() refuses names that lead inside, by any address", async (t) => {
  const cases: [name: string, internal: boolean, problems: number][] = [
    ["www.example", false, 0],
    ["printer", false, 1],
    ["printer", true, 0],
    ["sly.example", false, 1],
    ["sly.example", true, 1],
    ["mapped.example", false, 1],
    ["mapped.example", true, 0],
    ["scoped.example", true, 1],
    ["odd.example", true, 1],
    ["unknown.example", false, 0],
  ];
  for (const [name, internal, problems] of cases) {
    await t.step(`${name}${internal ? ", internal" : ""}`, async () => {
      const net = [{ address: `${name}:80`, internal }];
      assert.equal((await checkGrantedNames({ net }, resolve)).length, problems);
    });
  }
});

Deno.test("checkGrantedNames() asks nothing about addresses, or when nothing is granted", async () => {
  const never = () => assert.fail("must not resolve");
  assert.deepEqual(await checkGrantedNames({}, never), []);
  const net = [{ address: "10.0.0.1:80", internal: false }];
  assert.deepEqual(await checkGrantedNames({ net }, never), []);
});

function resolve(name: string): Promise<string[]> {
  const found = ADDRESSES[name];
  return found ? Promise.resolve(found) : Promise.reject(new Error("no such name"));
}
