import type { KeyId } from "../../core/documents/common.ts";

/** What has changed; who wants to know more reads it. */
export type HubEvent =
  | { readonly type: "agent"; readonly id: KeyId }
  | { readonly type: "order"; readonly id: string }
  | { readonly type: "log"; readonly order: string }
  | { readonly type: "rollout"; readonly id: string }
  | { readonly type: "audit" }
  | { readonly type: "list" };

/** What changes several times within this is told once, at its end; by then it is mostly on disk. */
const MOMENT_MS = 100;

type Listener = (event: HubEvent) => void;

/** An event on its way to the pages of every hub. */
interface SharedEvent {
  readonly type: "event";
  readonly tenant: string;
  readonly event: HubEvent;
}

/** Tells pages that are open what has changed. It carries no content, so a slow one costs nothing. */
export class HubEvents implements Disposable {
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #shared: (message: SharedEvent) => void;
  /** By what they say, until they are told. */
  readonly #waiting = new Map<string, ReturnType<typeof setTimeout>>();

  /** @param options.shared Carries events to every hub, which then shows them. */
  constructor(options: { shared(message: SharedEvent): void }) {
    this.#shared = options.shared;
  }

  /** Calls back until it is disposed of. */
  on(tenant: string, listener: Listener): Disposable {
    const listeners = this.#listeners.get(tenant) ?? new Set();
    this.#listeners.set(tenant, listeners.add(listener));
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.#listeners.delete(tenant);
      },
    };
  }

  /** Tells every hub's pages, in a moment. */
  tell(tenant: string, event: HubEvent): void {
    const subject = `${tenant} ${JSON.stringify(event)}`;
    if (this.#waiting.has(subject)) return;
    const timer = setTimeout(() => {
      this.#waiting.delete(subject);
      this.#shared({ type: "event", tenant, event });
    }, MOMENT_MS);
    this.#waiting.set(subject, timer);
  }

  /** Tells the pages of this hub. */
  show(tenant: string, event: HubEvent): void {
    for (const listener of this.#listeners.get(tenant) ?? []) listener(event);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#listeners.clear();
  }
}
