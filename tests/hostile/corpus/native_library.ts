import { type Attack, denied, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { believed } from "../proofs.ts";

export default {
  name: "native_library",
  what: "Loads the C library and calls it, past every check of the runtime.",
  module: js`
    export default {
      async run(at, ctx) {
        const getppid = { parameters: [], result: "i32" };
        return Deno.dlopen("libc.so.6", { getppid }).symbols.getppid();
      },
    };`,
  expect: denied("ffi"),
  control: alteredCell("ffi granted", { rights: holding("ffi") }),
  proof: believed(Deno.pid),
} satisfies Attack;
