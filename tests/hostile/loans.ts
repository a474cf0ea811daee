import { BlobShelf } from "../../runtime/capabilities/blob_shelf.ts";
import { blobsCapability } from "../../runtime/capabilities/blobs.ts";
import { dirCapability } from "../../runtime/capabilities/dir.ts";
import { capabilityHost } from "../../runtime/capabilities/host.ts";
import { MemoryDatabase } from "../../runtime/author/trial/memory_database.ts";
import { TemporaryBlobs } from "../../runtime/author/trial/temporary_blobs.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import type { ScriptName } from "../../runtime/core/documents/common.ts";
import type { CapabilityHost } from "../../runtime/sandbox/mod.ts";
import type { Targets } from "./canaries.ts";

/** What an attack is lent, by the agent's own capabilities and with their protection off. */
export interface Loan {
  guarded(at: Targets): CapabilityHost;
  unguarded(at: Targets): CapabilityHost;
}

const HOSTILE: ScriptName = "hostile/attack";
const VICTIM: ScriptName = "acme/victim";
const QUOTA_BYTES = 100_000;

/** What the victim keeps, and the hostile script is told the hash of. */
export const PRIVATE = new TextEncoder().encode("private");
export const PRIVATE_DIGEST = digestOf(PRIVATE);

/** Documents on a shelf where another script has one. */
export const blobsBesideAnother: Loan = {
  guarded: () => blobsOf(HOSTILE),
  // Whoever knows a hash has the document.
  unguarded: () => blobsOf(VICTIM),
};

/** Documents up to a quota of 100 kB. */
export const blobsUpToQuota: Loan = {
  guarded: () => blobsOf(HOSTILE),
  unguarded: () => countedAfterwards(),
};

/** A folder of the script's own. */
export const ownDir: Loan = {
  guarded: ({ ownFolder }) => capabilityHost([dirCapability(ownFolder)]),
  unguarded: ({ ownFolder }) => capabilityHost([dirCapability(ownFolder)]),
};

/** The real documents of one script, beside those of the victim. */
function blobsOf(script: ScriptName): CapabilityHost {
  const folder = Deno.makeTempDirSync({ prefix: "writ-hostile-blobs-" });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const shelf = new BlobShelf(new MemoryDatabase(), new TemporaryBlobs(folder));
  const filled = fill(shelf);
  const host = capabilityHost([blobsCapability(shelf, script, QUOTA_BYTES)]);
  return {
    offered: host.offered,
    call: async (...call) => {
      await filled;
      return await host.call(...call);
    },
  };
}

async function fill(shelf: BlobShelf): Promise<void> {
  const victim = capabilityHost([blobsCapability(shelf, VICTIM, QUOTA_BYTES)]);
  await victim.call("blobs.put", {}, PRIVATE, new AbortController().signal);
}

/** Asks whether there is room, stores, and counts when that is done. */
function countedAfterwards(): CapabilityHost {
  let used = 0;
  return {
    offered: { blobs: {} },
    call: async (_method, _params, body) => {
      if (used + body.length > QUOTA_BYTES) throw new RangeError("no room");
      await new Promise((resolve) => setTimeout(resolve, 20));
      used += body.length;
      return { value: { sha256: digestOf(body), length: body.length } };
    },
  };
}
