import { createHash } from "node:crypto";

/** What whoever is invited may do. */
export type Rights = "watch" | "drive";

interface Open {
  readonly rights: Rights;
  readonly until: number;
}

/**
 * Keys that let somebody in: each once, and for a while. Only their hashes are kept, so that what
 * leaks from here opens nothing.
 */
export class Invitations {
  readonly #most: number;
  readonly #open = new Map<string, Open>();

  /** @param most Keys that are good at the same time; the oldest gives way. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Has a key let somebody in, until a moment of this machine's own clock. */
  add(key: string, rights: Rights, until: number): void {
    this.#open.set(hashOf(key), { rights, until });
    if (this.#open.size > this.#most) this.#open.delete(this.#open.keys().next().value!);
  }

  /**
   * Uses a key up, also where it has come too late.
   *
   * @returns What it lets somebody do; nothing for a key that is forged, used or too old.
   */
  redeem(key: string, now: number): Rights | undefined {
    const hash = hashOf(key);
    const found = this.#open.get(hash);
    this.#open.delete(hash);
    return found && now < found.until ? found.rights : undefined;
  }
}

/** A key as it is kept. */
export function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}
