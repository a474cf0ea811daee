import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { processDied } from "../proofs.ts";

export default {
  name: "result_that_is_not_json",
  what: "Posts a result to whoever takes it that does not parse.",
  module: js`
    export default {
      async run(at, ctx) {
        self.postMessage({ t: "result", id: 1, result: "{" });
        self.postMessage({ answer: "{" });
        await new Promise(() => {});
      },
    };`,
  expect: { outcome: "protocol" },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: processDied({ code: 1 }),
} satisfies Attack;
