import type { CellRights } from "../../runtime/sandbox/mod.ts";
import type { Targets } from "./canaries.ts";

/** Another host is granted: the cell has a network, and only Deno's own list is in the way. */
export const ANOTHER_HOST: CellRights = {
  allow: ["--allow-net=192.0.2.1:80"],
  deny: [],
  worker: { net: ["192.0.2.1:80"] },
};

/** A folder of the script's own is granted, to read and to write. */
export function openFolder({ openFolder }: Targets): CellRights {
  return {
    allow: [`--allow-read=${openFolder}`, `--allow-write=${openFolder}`],
    deny: [],
    worker: { read: [openFolder], write: [openFolder] },
  };
}
