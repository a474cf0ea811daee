import type { Io } from "./io.ts";

/** What a service is told from outside; dispose of it when done. */
export interface Stop extends Disposable {
  /** Resolves at the first Ctrl-C or SIGTERM. */
  readonly asked: Promise<void>;
  /** Aborted at the second. */
  readonly hurry: AbortSignal;
}

/** Takes Ctrl-C and SIGTERM: the first one asks to end in order, the second one to end now. */
export function awaitStop(io: Io): Stop {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const hurry = new AbortController();
  let count = 0;
  const told = () => {
    if (count++ === 0) resolve();
    else hurry.abort("told twice");
  };
  const listeners = [io.onSignal("SIGINT", told), io.onSignal("SIGTERM", told)];
  return {
    asked,
    hurry: hurry.signal,
    [Symbol.dispose]() {
      for (const remove of listeners) remove();
    },
  };
}
