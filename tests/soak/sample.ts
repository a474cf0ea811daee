import { childrenOf } from "../hostile/proc.ts";

/** What the agent holds at one moment. */
export interface Sample {
  /** Orders that had ended by then. */
  orders: number;
  /** Bytes. */
  rss: number;
  descriptors: number;
  threads: number;
  /** Cells, empty ones that wait included. */
  children: number;
  /** Files in the folder of temporary files, and half-written ones in the state. */
  temporaryFiles: number;
  /** Bytes of the state folder. */
  state: number;
}

/** Reads what the system says of the agent. */
export function takeSample(
  pid: number,
  folders: { state: string; temporary: string },
  orders: number,
): Sample {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const field = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1]);
  const state = filesBelow(folders.state);
  const incoming = state.filter(({ path }) => path.includes("/incoming/")).length;
  return {
    orders,
    rss: field("VmRSS") * 1024,
    descriptors: [...Deno.readDirSync(`/proc/${pid}/fd`)].length,
    threads: field("Threads"),
    children: childrenOf(pid).length,
    temporaryFiles: filesBelow(folders.temporary).length + incoming,
    state: state.reduce((sum, { size }) => sum + size, 0),
  };
}

function filesBelow(folder: string): { path: string; size: number }[] {
  const files: { path: string; size: number }[] = [];
  for (const { name, isDirectory } of readFolder(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) files.push(...filesBelow(path));
    else {
      try {
        files.push({ path, size: Deno.lstatSync(path).size });
      } catch {
        // gone meanwhile
      }
    }
  }
  return files;
}

function readFolder(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch {
    return []; // gone meanwhile
  }
}
