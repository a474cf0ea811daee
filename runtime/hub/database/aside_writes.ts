import { HubError } from "../errors.ts";

/**
 * Writes that nobody waits for, such as when something was used last: whoever only asks
 * must not wait until a long change of somebody else's is over.
 */
export class AsideWrites {
  readonly #underWay = new Set<string>();

  /** Does nothing while one of the same name is under way; one that fails is made again by the next. */
  begin(name: string, write: () => Promise<unknown>): void {
    if (this.#underWay.has(name)) return;
    this.#underWay.add(name);
    write().catch(passed).finally(() => this.#underWay.delete(name));
  }
}

function passed(error: unknown): void {
  if (!(error instanceof HubError)) throw error;
}
