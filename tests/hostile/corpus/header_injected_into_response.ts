import { type Attack, js } from "../attack.ts";
import { believingHost } from "../controls/believing_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "header_injected_into_response",
  what: "Answers with a header whose value ends its line and begins another header.",
  module: js`
    export default {
      async fetch() {
        const headers = [["x-own", "1\r\nset-cookie: session=stolen"]];
        const params = JSON.stringify({ status: 200, headers, body: "whole" });
        self.postMessage({ t: "call", id: 1, task: 1, method: "response.head", params });
        await new Promise(() => {});
      },
    };`,
  served: { paths: ["/"] },
  expect: { outcome: "protocol" },
  control: believingHost,
  proof: believed(["200 [set-cookie: session=stolen] "]),
} satisfies Attack;
