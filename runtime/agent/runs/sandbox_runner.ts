import { assertGrantedPaths } from "../../policy/check_granted_paths.ts";
import { denoFlags } from "../../policy/deno_flags.ts";
import { Sandbox, type SandboxOptions } from "../../sandbox/mod.ts";
import type { Runner } from "./runner.ts";

export interface SandboxRunnerOptions extends SandboxOptions {
  /** Paths that no grant may touch, such as the agent's state. */
  kept?: readonly string[];
}

/**
 * Runs in real cells. The sandbox is opened in the background, so that the agent answers before the
 * empty cell is measured; a run that comes earlier waits for it. Granted paths are looked at before
 * each run: a link put into a granted folder since the policy was loaded would widen the grant.
 */
export function sandboxRunner({ kept = [], ...options }: SandboxRunnerOptions = {}): Runner {
  const opening = Sandbox.open(options);
  let open: Sandbox | undefined;
  // A failure is told to each run that needs it.
  opening.then((sandbox) => open = sandbox, () => {});
  return {
    level: async () => (await opening).level,
    run: async ({ permissions, limits }, request) => {
      const { allow, deny, worker } = denoFlags(permissions, { kept });
      await assertGrantedPaths(permissions, { kept });
      return await (await opening).run({ rights: { allow, deny, worker }, limits }, request);
    },
    cells: () => open?.cells ?? 0,
    close: async () => {
      const sandbox = await opening.catch(() => undefined);
      await sandbox?.close();
    },
  };
}
