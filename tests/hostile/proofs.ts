import type { CanaryKind } from "./canaries.ts";
import type { Observation } from "./observation.ts";

/** Whether an attack without its protection did its harm, judged from outside. */
export interface Proof {
  readonly what: string;
  readonly holds: (seen: Observation) => boolean;
}

/** A canary was touched. */
export function canaryHit(kind: CanaryKind): Proof {
  return { what: `the canary "${kind}" is hit`, holds: ({ hits }) => hits[kind] > 0 };
}

/** The file's content came back. */
export const secretReturned: Proof = canaryHit("secret");

/** The whole process died of one script. */
export function processDied(how: { code: number } | { signal: string }): Proof {
  return {
    what: `the process ends by ${"code" in how ? `exit ${how.code}` : how.signal}`,
    holds: ({ exit }) =>
      "code" in how ? exit?.code === how.code && exit.signal === null : exit?.signal === how.signal,
  };
}

/** The whole process stands still, and whoever waits for it waits for ever. */
export const processStopped: Proof = {
  what: "the system shows the process as stopped",
  holds: ({ process }) => process.stopped,
};

/** The script was told to end, its thread was not. */
export const burnsOn: Proof = {
  what: "the system counts processor time after worker.terminate()",
  holds: ({ cpuAfterEndMs }) => cpuAfterEndMs >= 300,
};

/** The run went on after the moment at which it should have been ended. */
export function lastedPast(ms: number): Proof {
  return { what: `the run lasts longer than ${ms} ms`, holds: ({ wallMs }) => wallMs > ms };
}

/** Resident memory, by the operating system. */
export function memoryGrewPast(bytes: number): Proof {
  return {
    what: `the system counts more than ${bytes} bytes of memory`,
    holds: ({ process }) => process.peakBytes > bytes,
  };
}

/** Processor time, by the operating system. */
export function cpuBurntPast(ms: number): Proof {
  return {
    what: `the system counts more than ${ms} ms of processor time`,
    holds: ({ process }) => process.cpuMs > ms,
  };
}

/** What the one that runs the script had to take from it. */
export function outputPast(bytes: number): Proof {
  return {
    what: `more than ${bytes} bytes come out`,
    holds: ({ outputBytes }) => outputBytes > bytes,
  };
}

/** The answer that the one who runs the script believes. */
export function believed(result: unknown): Proof {
  const text = JSON.stringify(result);
  return {
    what: `the answer ${text} is believed`,
    holds: ({ result }) => JSON.stringify(result) === text,
  };
}
