import { denoFlags } from "../../policy/deno_flags.ts";
import { Sandbox, type SandboxOptions } from "../../sandbox/mod.ts";
import type { Runner } from "./runner.ts";

/**
 * Runs in real cells. The sandbox is opened in the background, so that the agent answers before
 * the empty cell is measured; a run that comes earlier waits for it.
 */
export function sandboxRunner(options: SandboxOptions = {}): Runner {
  const opening = Sandbox.open(options);
  // Told to each run that needs it.
  opening.catch(() => {});
  return {
    level: async () => (await opening).level,
    run: async ({ permissions, limits }, request) => {
      const { allow, deny, worker } = denoFlags(permissions);
      return await (await opening).run({ rights: { allow, deny, worker }, limits }, request);
    },
    close: async () => {
      const sandbox = await opening.catch(() => undefined);
      await sandbox?.close();
    },
  };
}
