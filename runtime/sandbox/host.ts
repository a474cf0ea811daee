import { CellError } from "./errors.ts";
import { type FileView, librariesOf, viewLinks } from "./file_view.ts";

/** What this machine offers a cell, found once at start. */
export interface Host {
  /** The Deno binary that cells run, readable by the cells' user. */
  readonly deno: string;
  /** Absolute paths of the tools of level 1, absent at level 0. */
  readonly tools?: { readonly setpriv: string; readonly unshare: string; readonly prlimit: string };
  /** User and group that cells change to, when the agent is root. */
  readonly cellUid?: number;
  /** A shell command that closes what the agent was itself started with, when there is any. */
  readonly closing?: readonly string[];
  /** What the file system is to a cell of level 2, absent below. */
  readonly view?: FileView;
  readonly level: 0 | 1 | 2;
  /** Why the level is not higher: one sentence for `doctor` each. */
  readonly missing: readonly string[];
}

const TOOL_FOLDERS = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];
/** `nobody` on every Linux. */
const NOBODY = 65534;

/** The first links of the exec chain in front of the cell, each of which execs the next. */
export function confinement(host: Host, network: boolean): string[] {
  if (host.tools === undefined) return [];
  const { setpriv, unshare } = host.tools;
  const user = host.cellUid === undefined
    ? []
    : [`--reuid=${host.cellUid}`, `--regid=${host.cellUid}`, "--clear-groups"];
  return [
    ...(host.closing ?? []),
    setpriv,
    ...user,
    "--no-new-privs",
    "--bounding-set=-all",
    "--inh-caps=-all",
    // At level 2 bubblewrap does both, the first only once it has made its child.
    ...(host.view ? [] : ["--pdeathsig=KILL"]),
    // `-c` keeps the user; `-r` would hand capabilities back inside the namespace.
    ...(network || host.view ? [] : [unshare, "-cn"]),
  ];
}

/** The last links: the binary, behind its view of the file system where there is one. */
export function denoLinks({ view, deno }: Host, allow: readonly string[]): string[] {
  return view ? viewLinks(view, deno, allow) : [deno];
}

/**
 * Finds the tools of each level and tries its whole chain once; what does not work here is said and
 * lowers the level, it is never skipped in silence.
 *
 * @param options.highest Level above which is not looked. Default: the highest there is.
 * @throws {CellError} no_deno – the Deno binary cannot be run by the cells' user
 */
export async function detectHost({ highest = 2 }: { highest?: 1 | 2 } = {}): Promise<Host> {
  const deno = Deno.execPath();
  if (Deno.build.os !== "linux") {
    return { deno, level: 0, missing: ["level 1 needs Linux (setpriv, unshare, prlimit)"] };
  }
  const [setpriv, unshare, prlimit] = await Promise.all(
    ["setpriv", "unshare", "prlimit"].map(findTool),
  );
  if (!setpriv || !unshare || !prlimit) {
    return { deno, level: 0, missing: ["install util-linux: setpriv, unshare and prlimit"] };
  }
  const root = Deno.uid() === 0;
  const tools = { setpriv, unshare, prlimit };
  const closing = await closingLink(tools.setpriv);
  if (closing === undefined) {
    const missing = "the agent was started with open descriptors that only bash could close";
    return { deno, level: 0, missing: [missing] };
  }
  const host: Host = {
    deno: root ? await reachableByNobody(deno) : deno,
    tools,
    ...(closing.length > 0 ? { closing } : {}),
    ...(root ? { cellUid: NOBODY } : {}),
    level: 1,
    missing: [],
  };
  const failure = await tryChain(host);
  if (failure !== undefined) {
    return { deno, level: 0, missing: [`the chain of level 1 fails here: ${failure}`] };
  }
  return highest < 2 ? host : await withView(host, tools.setpriv);
}

/** The same host at level 2, or at level 1 with the reason. */
async function withView(host: Host, setpriv: string): Promise<Host> {
  const [bwrap, ldd] = await Promise.all(["bwrap", "ldd"].map(findTool));
  if (!bwrap) return { ...host, missing: ["bubblewrap is not installed"] };
  if (!ldd) return { ...host, missing: ["ldd is not there to name the libraries of Deno"] };
  const { stdout } = await new Deno.Command(setpriv, {
    args: ["--no-new-privs", ldd, host.deno],
    stdin: "null",
    stderr: "null",
  }).output();
  const libraries = librariesOf(new TextDecoder().decode(stdout));
  const higher: Host = { ...host, view: { bwrap, libraries }, level: 2 };
  const failure = await tryChain(higher);
  if (failure === undefined) return higher;
  return { ...host, missing: [`the chain of level 2 fails here: ${failure}`] };
}

async function findTool(name: string): Promise<string | undefined> {
  for (const folder of TOOL_FOLDERS) {
    try {
      if ((await Deno.stat(`${folder}/${name}`)).isFile) return `${folder}/${name}`;
    } catch {
      // not in this folder
    }
  }
  return undefined;
}

async function tryChain(host: Host): Promise<string | undefined> {
  const limits = [host.tools!.prlimit, "--core=0"];
  const [command, ...args] = [...confinement(host, false), ...limits, ...denoLinks(host, [])];
  try {
    const { success, stderr } = await new Deno.Command(command!, {
      args: [...args, "--version"],
      clearEnv: true,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).output();
    if (success) return undefined;
    return new TextDecoder().decode(stderr).trim().slice(0, 200);
  } catch (error) {
    return (error as Error).message;
  }
}

/**
 * Descriptors that whoever started the agent left open would pass on to every cell, where a script
 * could write to them through `net.Socket({ fd })`.
 *
 * @returns A link of the exec chain that closes them, empty when there are none, nothing when it
 * cannot be done.
 */
async function closingLink(setpriv: string): Promise<string[] | undefined> {
  const [ls, bash] = await Promise.all([findTool("ls"), findTool("bash")]);
  if (ls === undefined) return undefined;
  const { stdout } = await new Deno.Command(setpriv, {
    args: ["--no-new-privs", ls, "/proc/self/fd"],
    stdin: "null",
    stderr: "null",
  }).output();
  const open = new TextDecoder().decode(stdout).trim().split("\n").map(Number);
  const extra = open.filter((fd) => fd > 2);
  if (extra.length === 1) return []; // the folder that `ls` itself reads
  if (bash === undefined) return undefined;
  const close = extra.map((fd) => `${fd}>&-`).join(" ");
  return [bash, "--norc", "--noprofile", "-c", `exec ${close}; exec "$@"`, "cell"];
}

/**
 * A binary below a 0700 home cannot be executed by the cells' user, so root keeps a copy where
 * only root can write.
 */
async function reachableByNobody(deno: string): Promise<string> {
  if (await worldReachable(deno)) return deno;
  const { size, mtime } = await Deno.stat(deno);
  const folder = "/var/cache/writ";
  const copy = `${folder}/deno-${Deno.version.deno}-${size}-${mtime?.getTime() ?? 0}`;
  try {
    await Deno.mkdir(folder, { recursive: true, mode: 0o755 });
    const made = await Deno.stat(copy).catch(() => undefined);
    if (made?.size !== size || made.uid !== 0) {
      const temporary = `${copy}.${crypto.randomUUID()}`;
      await Deno.copyFile(deno, temporary);
      await Deno.chmod(temporary, 0o755);
      await Deno.rename(temporary, copy);
    }
  } catch (cause) {
    throw new CellError(
      "no_deno",
      `Cannot copy the Deno binary to ${folder} as user ${NOBODY} cannot reach ${deno}`,
      { cause },
    );
  }
  return copy;
}

async function worldReachable(path: string): Promise<boolean> {
  const parts = path.split("/").slice(1);
  for (let i = 1; i <= parts.length; i++) {
    const { mode } = await Deno.stat("/" + parts.slice(0, i).join("/"));
    if (mode === null || (mode & 0o001) === 0) return false;
  }
  return true;
}
