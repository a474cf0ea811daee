import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_npm_with_token",
  what: "Imports a package whose registry the agent's user holds a token for, which Deno reads " +
    "from .npmrc and sends along; a cell has no home to read it from, and fetches nothing.",
  advisory: "CVE-2024-37150",
  module: js`
    export default {
      async run(at, ctx) {
        const name = "npm:@private/package";
        return Object.keys(await import(name));
      },
    };`,
  expect: denied("import"),
  control: bareHost("a Worker without permissions as the only wall", {
    home: ({ tcpPort }, secret) => ({
      ".npmrc": `@private:registry=http://127.0.0.1:${tcpPort}/\n` +
        `//127.0.0.1:${tcpPort}/:_authToken=${secret}\n`,
    }),
  }),
  proof: secretReturned,
} satisfies Attack;
