import { withFolder } from "../../runtime/policy/folder_rights.ts";
import { type CellRights, NO_RIGHTS } from "../../runtime/sandbox/mod.ts";
import type { Targets } from "./canaries.ts";

/** Another host is granted: the cell has a network, and only Deno's own list is in the way. */
export const ANOTHER_HOST: CellRights = {
  allow: ["--allow-net=192.0.2.1:80"],
  deny: [],
  worker: { net: ["192.0.2.1:80"] },
};

/** A folder of the script's own is granted, to read and to write. */
export function openFolder({ openFolder }: Targets): CellRights {
  return folder(openFolder);
}

/** The same for a folder in which the script may do what it likes. */
export function ownFolder({ ownFolder }: Targets): CellRights {
  return folder(ownFolder);
}

/** The folder that a script is lent, as the agent adds it to a grant of nothing. */
export function lentFolder({ ownFolder }: Targets): CellRights {
  return withFolder(NO_RIGHTS, ownFolder);
}

/** Every host is granted but the loopback, by the address it has. */
export const NO_LOOPBACK: CellRights = {
  allow: ["--allow-net"],
  deny: ["--deny-net=127.0.0.0/8,0.0.0.0/8"],
  worker: "inherit",
};

function folder(path: string): CellRights {
  return {
    allow: [`--allow-read=${path}`, `--allow-write=${path}`],
    deny: [],
    worker: { read: [path], write: [path] },
  };
}
