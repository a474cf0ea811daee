import type { Limits } from "../core/documents/grant.ts";
import { harnessUrl } from "./harness/source.ts";
import { confinement, denoLinks, type Host } from "./host.ts";

/** A grant's permissions, compiled: the process holds `allow` minus `deny`, its worker `worker`. */
export interface CellRights {
  /** `--allow-*` flags. */
  readonly allow: readonly string[];
  /** `--deny-*` flags. */
  readonly deny: readonly string[];
  /** The same for the inner worker, never wider. */
  readonly worker: Deno.PermissionOptions;
}

/** What one script may touch and use. */
export interface CellGrant {
  readonly rights: CellRights;
  readonly limits: Limits;
  /** So seldom needed that no empty cell is kept ready for the next call. */
  readonly rare?: boolean;
}

/** The rights of a script without a grant: none. */
export const NO_RIGHTS: CellRights = { allow: [], deny: [], worker: "none" };

/** Everything that decides how a cell is started. Equal keys mean interchangeable empty cells. */
export interface SpawnVector {
  readonly key: string;
  readonly command: string;
  readonly args: readonly string[];
  /** The child only watches over the cell, which is its grandchild: level 2. */
  readonly watched?: boolean;
}

/** What an empty cell needs besides a script's grant, so that V8 does not die at boot. */
const DATA_MARGIN_BYTES = 64_000_000;
/** Largest single file that a cell with a right to write may write; one without writes none. */
const FILE_BYTES = 100_000_000;
/** Rights to write, by itself or by what it starts. */
const MAY_WRITE = /^--allow-(?:all|write|run|ffi)\b/;
const OPEN_FILES = 256;
/** Seconds of processor time a cell may spend on its own boot, on top of the grant's. */
const BOOT_CPU_S = 2;

/** Flags that hold for every cell: no prompt, nothing fetched, nothing cached. */
const DENO_FLAGS = [
  "run",
  "--quiet",
  "--no-prompt",
  "--no-config",
  "--no-lock",
  // A bare --deny-import leaves Deno's default hosts open; this does not.
  "--no-remote",
  "--no-npm",
  "--cached-only",
  "--no-code-cache",
  "--unstable-worker-options",
];

/**
 * The command that becomes a cell: each link execs the next, so the child's pid is the cell's. At
 * level 2 it is that of bubblewrap, with whose end the kernel ends the cell.
 *
 * @param baselineBytes RLIMIT_DATA that an empty cell uses, see calibrate.ts.
 * @param fresh A cell for one run; RLIMIT_CPU counts from birth and so fits no other.
 */
export function spawnVector(
  host: Host,
  grant: CellGrant,
  baselineBytes: number,
  fresh: boolean,
): SpawnVector {
  const { allow, deny, worker } = grant.rights;
  const { memoryBytes, cpuMs } = grant.limits;
  const cpu = Math.ceil(cpuMs / 1000) + BOOT_CPU_S;
  // SQLite's temporary files ask for no permission of Deno's.
  const fileBytes = allow.some((flag) => MAY_WRITE.test(flag)) ? FILE_BYTES : 0;
  const limits = host.tools === undefined ? [] : [
    host.tools.prlimit,
    `--data=${baselineBytes + DATA_MARGIN_BYTES + memoryBytes}`,
    "--core=0",
    `--nofile=${OPEN_FILES}`,
    `--fsize=${fileBytes}`,
    ...(fresh ? [`--cpu=${cpu}:${cpu}`] : []),
  ];
  const heapMiB = Math.max(1, Math.floor(memoryBytes / 2 ** 20));
  const [command, ...args] = [
    ...confinement(host, allow.some((flag) => flag.startsWith("--allow-net"))),
    ...limits,
    ...denoLinks(host, allow),
    ...DENO_FLAGS,
    `--v8-flags=--max-old-space-size=${heapMiB}`,
    ...allow,
    ...deny,
    harnessUrl(worker),
  ];
  const key = JSON.stringify([command, args]);
  return { key, command: command!, args, ...(host.view ? { watched: true } : {}) };
}
