import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "broadcast_to_another_script",
  what: "Listens on a BroadcastChannel, on which another script of the same process posts.",
  module: js`
    export default {
      async run(at, ctx) {
        return await new Promise((resolve) =>
          new BroadcastChannel("drop").onmessage = ({ data }) => resolve(data)
        );
      },
    };`,
  accomplice: {
    when: "beside",
    module: js`
    export default {
      async run(at, ctx) {
        const channel = new BroadcastChannel("drop");
        setInterval(() => channel.postMessage("dropped"), 5);
        await new Promise(() => {});
      },
    };`,
  },
  limits: { wallMs: 600 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: believed("dropped"),
} satisfies Attack;
