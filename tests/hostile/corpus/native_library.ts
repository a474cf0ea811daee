import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";
import { type Attack, denied, js } from "../attack.ts";

export default {
  name: "native_library",
  what: "Loads the C library and calls it, past every check of the runtime.",
  module: js`
    export default {
      async run(at, ctx) {
        const { symbols } = Deno.dlopen("libc.so.6", { getppid: { parameters: [], result: "i32" } });
        return symbols.getppid();
      },
    };`,
  expect: denied("ffi"),
  control: alteredCell("ffi granted", { rights: holding("ffi") }),
  proof: believed(Deno.pid),
} satisfies Attack;
