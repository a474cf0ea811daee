import { VerificationError } from "../../core/errors.ts";
import { within } from "../../core/wait.ts";
import type { PolicyChange } from "../../policy/mod.ts";
import { HubError } from "../errors.ts";
import { HUB_LIMITS } from "../limits.ts";
import type { ListsToCompare } from "./compare_lists.ts";
import type { Compared } from "./compare_thread.ts";

/**
 * Compares accept-lists. Long ones take seconds, so each has a thread of its own: one after another,
 * and one of a tenant at a time, so that nobody's hub waits for somebody's list.
 */
export class ListComparer implements Disposable {
  /** Whose lists are compared, or wait for it. */
  readonly #tenants = new Set<string>();
  #turn: Promise<unknown> = Promise.resolve();
  readonly #stopping = new AbortController();

  /**
   * @throws {VerificationError} not_canonical, bad_schema – it is no accept-list
   * @throws {HubError} busy – lists of this tenant are compared already, or too many others' wait,
   * or the hub stops
   * @throws {HubError} too_large – more is different than can be shown, or it takes too long
   */
  async compare(tenant: string, lists: ListsToCompare): Promise<PolicyChange[]> {
    if (lengthOf(lists) <= HUB_LIMITS.SHORT_LISTS) {
      const { compareLists } = await import("./compare_lists.ts");
      return compareLists(lists);
    }
    if (this.#tenants.has(tenant)) {
      throw new HubError("busy", "Cannot compare more than one list of a tenant at a time");
    }
    if (this.#tenants.size >= HUB_LIMITS.COMPARED_LISTS) {
      throw new HubError("busy", "Cannot compare lists as those of too many tenants wait for it");
    }
    this.#tenants.add(tenant);
    const turn = this.#turn.then(() => inThread(lists, this.#stopping.signal));
    this.#turn = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#tenants.delete(tenant);
    }
  }

  /** Ends what is compared. */
  [Symbol.dispose](): void {
    this.#stopping.abort(new HubError("busy", "Cannot compare lists as the hub stops"));
  }
}

function lengthOf({ root, before, payload }: ListsToCompare): number {
  return root.length + (before?.length ?? 0) + payload.length;
}

async function inThread(lists: ListsToCompare, stopping: AbortSignal): Promise<PolicyChange[]> {
  stopping.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<Compared>();
  const worker = new Worker(new URL("compare_thread.ts", import.meta.url), {
    type: "module",
    deno: { permissions: "none" },
  });
  const stop = () => reject(stopping.reason);
  stopping.addEventListener("abort", stop, { once: true });
  try {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = (event) => {
      event.preventDefault();
      reject(new Error(`Cannot compare the lists: ${event.message}`));
    };
    worker.postMessage(lists);
    const compared = await within(HUB_LIMITS.COMPARE_LISTS_MS, promise, tooLong);
    if ("changes" in compared) return compared.changes;
    const { refused, message } = compared;
    throw refused === "too_large"
      ? new HubError(refused, message)
      : new VerificationError(refused, message);
  } finally {
    stopping.removeEventListener("abort", stop);
    worker.terminate();
  }
}

function tooLong(): HubError {
  const seconds = HUB_LIMITS.COMPARE_LISTS_MS / 1000;
  return new HubError("too_large", `Cannot compare lists for more than ${seconds} s`);
}
