import { descendantsOf, isAlive } from "../hostile/proc.ts";

const LOOK_MS = 100;

/** Remembers every process that an agent was seen to have started. */
export class CellWatch implements Disposable {
  readonly #seen = new Set<number>();
  readonly #agent: number;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(agent: number) {
    this.#agent = agent;
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
  }

  /**
   * Those that live on after the agent, once they have had time to go. Call after its end.
   *
   * @returns A sentence for each.
   */
  async survivors(graceMs: number): Promise<string[]> {
    clearInterval(this.#timer);
    const deadline = performance.now() + graceMs;
    let alive = this.#orphans();
    while (alive.length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 10));
      alive = this.#orphans();
    }
    return alive.map((pid) => `process ${pid} outlives its agent`);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    for (const pid of descendantsOf(this.#agent)) this.#seen.add(pid);
  }

  /** A number that the system has given to another process since is not one of ours. */
  #orphans(): number[] {
    return [...this.#seen].filter((pid) => isAlive(pid) && isCell(pid));
  }
}

function isCell(pid: number): boolean {
  try {
    const command = Deno.readTextFileSync(`/proc/${pid}/cmdline`);
    return command.includes("data:text/javascript,") && parentOf(pid) === 1;
  } catch {
    return false;
  }
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}
