import type { Machines } from "./network.ts";
import { RealClamd } from "./clamd.ts";

/** Machines that each have a real clamd, and a generation of databases that was there before. */
export class ScannedMachines {
  readonly #dir: string;
  readonly #clamd: string;
  readonly #stack: AsyncDisposableStack;
  readonly #on: Machines;
  readonly #daemons = new Map<string, RealClamd>();

  /**
   * @param clamd The program.
   * @param on Where each runs.
   * @param stack Ends the daemons.
   */
  constructor(dir: string, clamd: string, on: Machines, stack: AsyncDisposableStack) {
    this.#dir = dir;
    this.#clamd = clamd;
    this.#on = on;
    this.#stack = stack;
  }

  /** `capabilities.scanner` of a machine's grant. */
  async scanner(machine: string): Promise<string> {
    const folder = scannerFolder(this.#dir, machine);
    const on = this.#on[machine]?.namespace;
    const daemon = this.#stack.use(await RealClamd.prepare(this.#clamd, folder, on));
    this.#daemons.set(machine, daemon);
    return `{ folder: ${folder}, clamd: "${daemon.address}" }`;
  }

  /** Starts a machine's clamd with this one file. */
  async start(machine: string, name: string, bytes: Uint8Array): Promise<void> {
    const folder = scannerFolder(this.#dir, machine);
    await Deno.mkdir(`${folder}/generations/1`, { recursive: true });
    await Deno.writeFile(`${folder}/generations/1/${name}`, bytes);
    await Deno.symlink("generations/1", `${folder}/current`);
    await this.#daemons.get(machine)!.start();
  }

  async finds(machine: string): Promise<boolean> {
    return await this.#daemons.get(machine)!.findsCanary();
  }
}

/** A machine's databases, below what its agent may write. */
export function scannerFolder(dir: string, machine: string): string {
  return `${dir}/${machine}/clamav`;
}
