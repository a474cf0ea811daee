import { type Attack, js } from "../attack.ts";
import { believingHost } from "../controls/believing_host.ts";
import { believed } from "../proofs.ts";

export default {
  name: "answer_in_anothers_name",
  what: "Writes into the response of another request in the same cell.",
  module: js`
    let forged;
    export default {
      async fetch(request) {
        if (request.url.endsWith("/victim")) {
          const written = new Promise((resolve) => forged = resolve);
          return new Response(new ReadableStream({
            start: (body) => body.enqueue(new TextEncoder().encode("honest")),
            async pull(body) {
              await written;
              body.close();
            },
          }));
        }
        await new Promise((resolve) => setTimeout(resolve, 50));
        const body = new TextEncoder().encode(", forged");
        // Its own are the calls after the head and the one piece of the victim's.
        const call = { t: "call", id: 3, task: 1, method: "response.write", params: "{}", body };
        self.postMessage(call);
        await new Promise((resolve) => setTimeout(resolve, 50));
        forged();
        return new Response(null);
      },
    };`,
  served: { paths: ["/victim", "/forger"] },
  expect: { outcome: "protocol" },
  control: believingHost,
  proof: believed(["200 honest, forged", "200 "]),
} satisfies Attack;
