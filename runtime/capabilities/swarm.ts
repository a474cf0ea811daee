import * as v from "valibot";
import { type Digest, digestSchema, type ScriptName } from "../core/documents/common.ts";
import { PeerError } from "../peer/mod.ts";
import { CapabilityError, type RunEvent } from "../sandbox/mod.ts";
import type { BlobShelf } from "./blob_shelf.ts";
import { notFound } from "./blobs.ts";
import { type Capability, type CapabilityCall, type Method, readParams } from "./capability.ts";

const shareSchema = v.strictObject({ sha256: digestSchema });
const pullSchema = v.strictObject({
  list: digestSchema,
  mediaType: v.optional(v.pipe(v.string(), v.maxLength(255)), "application/octet-stream"),
  most: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
});

/** What the capability needs of the agent: blobs shared with, and got from, other agents. */
export interface BlobSwarm {
  /** @returns The digest of the blob's chunk list. */
  share(sha256: Digest): Promise<Digest>;
  pull(list: Digest, options: {
    signal: AbortSignal;
    maxBytes: number;
    onProgress?(progress: { readonly chunks: number; readonly of: number }): void;
    /** Moves the whole blob away from where it lies. */
    take(path: string, about: { sha256: Digest; length: number }): Promise<void>;
  }): Promise<void>;
}

/** What {@linkcode swarmCapability} works with. */
export interface SwarmParts {
  readonly swarm: BlobSwarm;
  readonly shelf: BlobShelf;
  /** Told how far a download is, as the run's progress. */
  onEvent?(event: RunEvent): void;
}

/** Progress is said no more often, milliseconds. */
const PROGRESS_MS = 2_000;

/**
 * `ctx.blobs.share` and `ctx.blobs.pull`: a document of this script for the agents of the fleet,
 * and one of theirs for this script. Who is told the digest of a chunk list may have the blob, as
 * long as the policy names it as a peer.
 *
 * @param quotaBytes As for all documents of the script.
 */
export function swarmCapability(
  { swarm, shelf, onEvent }: SwarmParts,
  script: ScriptName,
  quotaBytes: number,
): Capability {
  const share = async ({ params }: CapabilityCall) => {
    const { sha256 } = readParams(shareSchema, params);
    if (!shelf.find(script, sha256)) throw notFound(sha256);
    return { value: { list: await told(swarm.share(sha256)) } };
  };
  const pull = async ({ params, signal }: CapabilityCall) => {
    const { list, mediaType, most = quotaBytes } = readParams(pullSchema, params);
    const maxBytes = Math.min(most, quotaBytes);
    let kept: { sha256: Digest; length: number } | undefined;
    const take = async (path: string, about: { sha256: Digest; length: number }) => {
      kept = await shelf.adopt(script, path, { ...about, quotaBytes, mediaType });
    };
    let saidAt = performance.now();
    const onProgress = ({ chunks, of }: { chunks: number; of: number }) => {
      const now = performance.now();
      if (chunks < of && now - saidAt < PROGRESS_MS) return;
      saidAt = now;
      const message = `${chunks} of ${of} chunks from other agents`;
      onEvent?.({ type: "progress", fraction: chunks / of, message });
    };
    await told(swarm.pull(list, { signal, maxBytes, take, onProgress }));
    return { value: kept };
  };
  return {
    name: "swarm",
    shown: {},
    methods: new Map<string, Method>([["blobs.share", share], ["blobs.pull", pull]]),
  };
}

/** What the script may know of a failure among peers. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    if (!(cause instanceof PeerError)) throw cause;
    const code = cause.code === "nobody_has_it" ? "unavailable" : "failed";
    throw new CapabilityError(code, `Cannot share or get the blob: ${cause.code}`, { cause });
  }
}
