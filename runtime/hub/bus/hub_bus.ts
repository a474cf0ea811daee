import type { KeyId } from "../../core/documents/common.ts";
import type { HubEvent } from "../events/hub_events.ts";

/** What hubs that share a database tell each other, so that each looks at what it must do. */
export type BusMessage =
  /** Orders wait for agents. */
  | { readonly type: "ordered"; readonly tenant: string; readonly order: string }
  | { readonly type: "cancelled"; readonly tenant: string; readonly order: string }
  /** An agent was approved, revoked or enrolled. */
  | { readonly type: "standing"; readonly tenant: string; readonly agent: KeyId }
  /** There is a new root or accept-list. */
  | { readonly type: "lists"; readonly tenant: string }
  /** For pages that are open. */
  | { readonly type: "event"; readonly tenant: string; readonly event: HubEvent };

/**
 * Carries messages to every hub, the sender among them. A message that is lost loses nothing: all
 * that matters lies in the database, where each hub also looks by itself from time to time.
 */
export interface HubBus extends AsyncDisposable {
  publish(message: BusMessage): void;
  /** Called once, before the first message. */
  subscribe(receive: (message: BusMessage) => void): void;
}

/** The bus of a hub that is alone. */
export function localBus(): HubBus {
  let receive: (message: BusMessage) => void = () => {};
  return {
    publish(message) {
      queueMicrotask(() => receive(message));
    },
    subscribe(receiver) {
      receive = receiver;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
