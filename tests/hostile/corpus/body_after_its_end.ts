import { type Attack, js } from "../attack.ts";
import { believingHost } from "../controls/believing_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "body_after_its_end",
  what: "Goes on writing a response after it has ended.",
  module: js`
    export default {
      fetch(request) {
        if (request.url.endsWith("/second")) {
          return new Promise((resolve) => setTimeout(resolve, 500, new Response(null)));
        }
        setTimeout(() => {
          const body = new TextEncoder().encode(", and more");
          const call = { t: "call", id: 2, task: 2, method: "response.write", params: "{}", body };
          self.postMessage(call);
        }, 100);
        return new Response("all");
      },
    };`,
  served: { paths: ["/second", "/first"] },
  expect: { outcome: "protocol" },
  control: believingHost,
  proof: believed(["200 ", "200 all, and more"]),
} satisfies Attack;
