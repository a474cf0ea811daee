import { messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";

/**
 * Does something whenever files of a folder changed and were then left alone for a moment, so
 * that a folder that is being copied is looked at once and whole.
 *
 * Where the system gives no such notice, a line in the log says so, and SIGHUP is what is left.
 *
 * @param action Never rejects.
 */
export function watchFolder(folder: string, action: () => Promise<void>, log: Log): Disposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const changed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void action(), AGENT_LIMITS.POLICY_SETTLE_MS);
    Deno.unrefTimer(timer);
  };
  let watcher: Deno.FsWatcher;
  try {
    watcher = Deno.watchFs(folder, { recursive: true });
  } catch (error) {
    log("warn", "changes of the policy go unseen: send SIGHUP", { error: messageOf(error) });
    return { [Symbol.dispose]() {} };
  }
  const ended = follow(watcher, changed).catch((error) => {
    log("warn", "changes of the policy go unseen: send SIGHUP", { error: messageOf(error) });
  });
  return {
    [Symbol.dispose]() {
      clearTimeout(timer);
      watcher.close();
      void ended;
    },
  };
}

async function follow(watcher: Deno.FsWatcher, changed: () => void): Promise<void> {
  for await (const { kind } of watcher) {
    if (kind !== "access") changed();
  }
}
