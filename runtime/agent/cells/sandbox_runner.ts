import { assertGrantedPaths } from "../../policy/check_granted_paths.ts";
import { denoFlags } from "../../policy/deno_flags.ts";
import { withFolder } from "../../policy/folder_rights.ts";
import { type CellGrant, Sandbox, type SandboxOptions } from "../../sandbox/mod.ts";
import type { CellBounds, Runner } from "./runner.ts";

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
    user: async () => (await opening).host.cellUid,
    run: async (bounds, request) => (await opening).run(await grantOf(bounds, kept), request),
    fetch: async (bounds, module, request) => {
      return await (await opening).fetch(await grantOf(bounds, kept), module, request);
    },
    keep: async (bounds, module, life, onEvent) => {
      const grant = await grantOf(bounds, kept);
      const sandbox = await opening;
      return life === "live"
        ? sandbox.live(grant, module, { onEvent })
        : sandbox.load(grant, module);
    },
    cells: () => open?.cells ?? 0,
    close: async () => {
      const sandbox = await opening.catch(() => undefined);
      await sandbox?.close();
    },
  };
}

/** What the grant's permissions and the agent's own directory come to in Deno's words. */
async function grantOf(bounds: CellBounds, kept: readonly string[]): Promise<CellGrant> {
  const { permissions, limits, scratch, rare = false } = bounds;
  const { allow, deny, worker } = denoFlags(permissions, { kept });
  await assertGrantedPaths(permissions, { kept });
  const rights = { allow, deny, worker };
  return { rights: scratch === undefined ? rights : withFolder(rights, scratch), limits, rare };
}
