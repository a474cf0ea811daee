import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "poisoned_prototype",
  what:
    "Replaces Uint8Array.prototype.set to see every frame, tag included, that is put together " +
    "after.",
  module: js`
    export default {
      async run(at, ctx) {
        const { set } = Uint8Array.prototype;
        const seen = [];
        Uint8Array.prototype.set = function (source, offset) {
          seen.push(new TextDecoder().decode(source));
          return set.call(this, source, offset);
        };
        await new Promise((resolve) => setTimeout(resolve, 250));
        return seen;
      },
    };`,
  expect: { outcome: "ok", result: [] },
  control: bareHost("the script in the realm of its host", { realm: "main" }),
  proof: secretReturned,
} satisfies Attack;
