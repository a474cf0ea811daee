/** What the operating system says of a process. */
export interface ProcessFigures {
  /** Most memory it ever had resident, bytes. */
  peakBytes: number;
  /** Processor time, milliseconds. */
  cpuMs: number;
  /** Stopped by a signal and not gone on since. */
  stopped: boolean;
}

/** Clock ticks a second: the same on every Linux. */
const TICKS = 100;
const SAMPLE_MS = 10;

/** @returns Nothing when the process is gone. */
export function figuresOf(pid: number): ProcessFigures | undefined {
  try {
    const status = Deno.readTextFileSync(`/proc/${pid}/status`);
    const { state, fields } = statOf(pid);
    if (state === "Z") return undefined;
    return {
      peakBytes: Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024,
      cpuMs: (Number(fields[10]) + Number(fields[11])) * 1000 / TICKS,
      stopped: state === "T",
    };
  } catch {
    return undefined;
  }
}

/** Whether a process exists and is not only waiting to be reaped. */
export function isAlive(pid: number): boolean {
  return figuresOf(pid) !== undefined;
}

/** Processes started by a process and still its children. */
export function childrenOf(parent: number): number[] {
  const children: number[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const { state, fields } = statOf(Number(name));
      if (Number(fields[0]) === parent && state !== "Z") children.push(Number(name));
    } catch {
      // ended meanwhile
    }
  }
  return children;
}

/** Processes started by a process, by those, and so on. */
export function descendantsOf(ancestor: number): number[] {
  return childrenOf(ancestor).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** The command lines of all processes of this machine. */
export function commandLines(): string[] {
  const lines: string[] = [];
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      lines.push(Deno.readTextFileSync(`/proc/${name}/cmdline`));
    } catch {
      // ended meanwhile
    }
  }
  return lines;
}

/** Samples a process until it is disposed, and keeps the most that was seen. */
export class ProcessWatch implements Disposable, ProcessFigures {
  peakBytes = 0;
  cpuMs = 0;
  stopped = false;
  /** Resolved when the process was seen to be stopped. */
  readonly untilStopped: Promise<void>;
  readonly #pid: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #wasStopped!: () => void;

  constructor(pid: number) {
    this.#pid = pid;
    this.untilStopped = new Promise((resolve) => this.#wasStopped = resolve);
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
  }

  sample(): void {
    const now = figuresOf(this.#pid);
    if (now === undefined) return;
    this.peakBytes = Math.max(this.peakBytes, now.peakBytes);
    this.cpuMs = Math.max(this.cpuMs, now.cpuMs);
    this.stopped ||= now.stopped;
    if (now.stopped) this.#wasStopped();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }
}

/** The fields of `/proc/<pid>/stat` behind the state, the first of which is the parent. */
function statOf(pid: number): { state: string; fields: string[] } {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  // The command's name stands in parentheses and may hold anything.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { state: state!, fields };
}
