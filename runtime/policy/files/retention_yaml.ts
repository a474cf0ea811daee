import { MB } from "../../core/limits.ts";
import { closed } from "../yaml/decoders.ts";
import type { Decoder } from "../yaml/decoder.ts";
import { quantity } from "./values.ts";

/** How long an agent keeps what nothing needs any more. Times in milliseconds, sizes in bytes. */
export interface Retention {
  /** A run and its order, after its end; as long is its idempotency key known. */
  readonly runsMs: number;
  /** What a run said on its way, after its end; its outcome stays with the run. */
  readonly eventsMs: number;
  /** A document that no order in hand needs, since it was last asked for. */
  readonly blobsMs: number;
  /** Manifests and modules that the policy does not accept, since they were stored. */
  readonly modulesMs: number;
  /** The whole state folder; above it things go early, and if that is not enough no order comes in. */
  readonly stateBytes: number;
}

const DAY_MS = 24 * 3_600_000;

/** What holds where `fleet.yaml` says nothing. */
export const DEFAULT_RETENTION: Retention = {
  runsMs: 30 * DAY_MS,
  eventsMs: 7 * DAY_MS,
  blobsMs: 7 * DAY_MS,
  modulesMs: 30 * DAY_MS,
  stateBytes: 10_000 * MB,
};

/** `retention:` of `fleet.yaml`; what is not written is as in {@linkcode DEFAULT_RETENTION}. */
export const retention: Decoder<Retention> = (place) => {
  const written = closed({}, {
    runs: quantity("time"),
    events: quantity("time"),
    blobs: quantity("time"),
    modules: quantity("time"),
    state: quantity("size"),
  })(place);
  return written && {
    runsMs: written.runs ?? DEFAULT_RETENTION.runsMs,
    eventsMs: written.events ?? DEFAULT_RETENTION.eventsMs,
    blobsMs: written.blobs ?? DEFAULT_RETENTION.blobsMs,
    modulesMs: written.modules ?? DEFAULT_RETENTION.modulesMs,
    stateBytes: written.state ?? DEFAULT_RETENTION.stateBytes,
  };
};
