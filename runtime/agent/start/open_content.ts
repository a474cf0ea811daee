import { LIMITS } from "../../core/limits.ts";
import { ContentStore } from "../content/content_store.ts";
import { AGENT_LIMITS } from "../limits.ts";
import { Housekeeper } from "../retention/housekeeper.ts";
import type { RulesInForce } from "../trust/rules_in_force.ts";
import { scratchDir } from "../state/scratch_dir.ts";
import type { OpenState } from "./open_state.ts";

/** What an agent keeps by its hash, and who keeps that from growing. */
export interface Content {
  /** Attachments of orders. */
  readonly blobs: ContentStore;
  readonly modules: ContentStore;
  /** What scripts keep with `ctx.blobs`. */
  readonly scriptBlobs: ContentStore;
  /** Where scripts have their directories. */
  readonly scratchDir: string;
  readonly housekeeper: Housekeeper;
}

/** Opens what an agent keeps by its hash. */
export function openContent(
  started: AsyncDisposableStack,
  { dir, store, clock, agent, log }: OpenState,
  rules: RulesInForce,
): Content {
  const blobs = new ContentStore(dir.blobs, AGENT_LIMITS.BLOB_BYTES);
  const modules = new ContentStore(dir.modules, LIMITS.MODULE_BYTES);
  const housekeeper = started.use(
    new Housekeeper({
      stateDir: dir.path,
      store,
      clock,
      blobs,
      modules,
      policy: () => rules.current.policy,
      retention: () => rules.current.retention,
      log,
    }),
  );
  const scriptBlobs = new ContentStore(dir.scriptBlobs, AGENT_LIMITS.BLOB_BYTES);
  return { blobs, modules, scriptBlobs, scratchDir: scratchDir(dir.path, agent), housekeeper };
}
