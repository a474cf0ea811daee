import { Gate, type GateOptions } from "./gate.ts";
import type { Worlds } from "./worlds.ts";

/**
 * Puts the walls round a page, and round each of its frames that has a process of its own, before they
 * load anything.
 *
 * @param session The link's name for the page, or for such a frame.
 */
export async function confine(
  options: Omit<GateOptions, "session">,
  worlds: Worlds,
  session: string,
): Promise<void> {
  const { link } = options;
  const gate = new Gate({ ...options, session });
  link.on("Target.attachedToTarget", ({ sessionId, targetInfo, waitingForDebugger }) => {
    const adopt = async () => {
      if (targetInfo.type === "iframe") await confine(options, worlds, sessionId);
      if (!waitingForDebugger) return;
      await link.send("Runtime.runIfWaitingForDebugger", undefined, sessionId);
    };
    adopt().catch(() => {});
  }, session);
  link.on("Target.detachedFromTarget", ({ sessionId }) => {
    worlds.end(sessionId);
    link.forget(sessionId);
  }, session);
  await Promise.all([
    link.send("Page.enable", undefined, session),
    worlds.begin(session),
    link.send("Network.setBypassServiceWorker", { bypass: true }, session),
    gate.close(),
    link.send("Target.setAutoAttach", {
      autoAttach: true,
      waitForDebuggerOnStart: true,
      flatten: true,
      filter: [{ type: "iframe" }, { exclude: true }],
    }, session),
  ]);
}
