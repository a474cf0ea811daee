import { type Attack, js } from "../attack.ts";
import { believingHost } from "../controls/believing_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "response_begun_twice",
  what: "Says status and headers of a response again, after they are on their way.",
  module: js`
    export default {
      fetch() {
        return new Response(new ReadableStream({
          async pull(body) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            const params = '{"status":201,"headers":[],"body":"stream"}';
            self.postMessage({ t: "call", id: 2, task: 1, method: "response.head", params });
            body.close();
          },
        }, { highWaterMark: 0 }));
      },
    };`,
  served: { paths: ["/"] },
  expect: { outcome: "protocol" },
  control: believingHost,
  proof: believed(["200 201 "]),
} satisfies Attack;
