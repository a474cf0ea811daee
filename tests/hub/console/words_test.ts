import assert from "node:assert/strict";
import { factWords } from "../../../runtime/hub/console/agents/fact_words.ts";
import { browserWords } from "../../../runtime/hub/console/parts/browser_words.ts";
import { isoOf } from "../../../runtime/hub/console/parts/words.ts";

Deno.test("factWords() says what a machine says of itself as a person reads it", () => {
  const told: readonly (readonly [name: string, value: unknown, words: string])[] = [
    ["os", { name: "linux", arch: "x86_64" }, "name linux, arch x86_64"],
    ["disk", { stateBytes: 147_456 }, "state 147.5 kB"],
    ["disk", { freeBytes: 12 }, "free 12 bytes"],
    ["usedBytes", 3_000_000_000, "3 GB"],
    ["scripts", ["acme/print", "acme/echo"], "acme/print, acme/echo"],
    ["scripts", [], "none"],
    ["nothing", null, "none"],
    ["empty", {}, "none"],
    ["well", true, "yes"],
    ["pages", 12_345, "12,345"],
    ["deep", { a: { b: 1 } }, '{"a":{"b":1}}'],
  ];
  for (const [name, value, words] of told) assert.equal(factWords(name, value), words);
});

Deno.test("browserWords() names browser and system, and leaves other programs as they are", () => {
  const on = (system: string, rest: string) => `Mozilla/5.0 (${system}) ${rest}`;
  const webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
  const told = [
    [on("X11; Linux x86_64", `${webkit} Chrome/142.0.0.0 Safari/537.36`), "Chrome 142 on Linux"],
    [
      on("Windows NT 10.0; Win64", `${webkit} Chrome/142.0 Safari/537.36 Edg/142.0`),
      "Edge 142 on Windows",
    ],
    [on("X11; Linux x86_64; rv:145.0", "Gecko/20100101 Firefox/145.0"), "Firefox 145 on Linux"],
    [
      on("iPhone; CPU iPhone OS 19_0 like Mac OS X", "Version/19.0 Mobile/15E148 Safari/604.1"),
      "Safari 19 on iPhone",
    ],
    ["curl/8.0", "curl/8.0"],
    ["", "unknown"],
  ];
  for (const [agent, words] of told) assert.equal(browserWords(agent!), words);
});

Deno.test("isoOf() writes every moment, and of what is none that it is none", () => {
  assert.equal(isoOf(8.64e15), "+275760-09-13T00:00:00.000Z");
  for (const none of [8.64e15 + 1, Number.MAX_SAFE_INTEGER, NaN]) {
    assert.equal(isoOf(none), "at no time");
  }
});
