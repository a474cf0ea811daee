import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "blob_of_another_script",
  what: "Reads what another script of the same process keeps behind a blob: URL, which it is " +
    "told of; each process has a table of its own.",
  module: js`
    export default {
      async run(at, ctx) {
        const url = await new Promise((resolve) =>
          new BroadcastChannel("urls").onmessage = ({ data }) => resolve(data)
        );
        return await (await fetch(url)).text();
      },
    };`,
  accomplice: {
    when: "beside",
    module: js`
    export default {
      async run(at, ctx) {
        const url = URL.createObjectURL(new Blob(["private"]));
        const channel = new BroadcastChannel("urls");
        setInterval(() => channel.postMessage(url), 5);
        await new Promise(() => {});
      },
    };`,
  },
  limits: { wallMs: 600 },
  expect: { outcome: "wall", detail: { reason: "deadline" } },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: believed("private"),
} satisfies Attack;
