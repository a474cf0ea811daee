import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "result_that_nests_too_deep",
  what: "Posts a result of a hundred thousand nested arrays, on which whoever walks it runs out " +
    "of stack.",
  module: js`
    export default {
      async run(at, ctx) {
        const deep = "[".repeat(100_000) + "]".repeat(100_000);
        self.postMessage({ t: "result", id: 1, result: deep });
        self.postMessage({ answer: '{"result":' + deep + "}" });
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "script_error", detail: { name: "RangeError" } },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: processDied({ code: 1 }),
} satisfies Attack;
