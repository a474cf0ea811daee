import { PrintError } from "./errors.ts";
import { httpOf } from "./printer_uri.ts";

/** Where a queue's jobs go. */
export type Target =
  | { readonly kind: "printer"; readonly uri: string; readonly url: string }
  | { readonly kind: "agent"; readonly agent: string; readonly queue: string };

/** What deliveries and the page call a target. */
export function placeOf(target: Target): string {
  return target.kind === "printer" ? target.uri : `${target.agent}, queue ${target.queue}`;
}

/** One queue, as the grant's settings tell it. */
export interface QueueSettings {
  readonly name: string;
  readonly target: Target;
  readonly info: string;
  readonly location: string;
  /** Jobs that may wait, all together and of one user. */
  readonly jobs: number;
  readonly jobsPerUser: number;
  /** A job that has waited so long is given up. */
  readonly maxAgeMs: number;
  /** How long a document stays after its job. */
  readonly keepMs: number;
  /** The longest document, unpacked. */
  readonly documentBytes: number;
}

/** What the grant's `settings` say. */
export interface PrintSettings {
  readonly queues: ReadonlyMap<string, QueueSettings>;
  /** The queue of who names none; the first one where the settings name none. */
  readonly defaultQueue: string | undefined;
}

/** What holds where a queue says nothing. */
export const QUEUE_DEFAULTS = {
  jobs: 10_000,
  jobsPerUser: 1_000,
  maxAgeMs: 7 * 86_400_000,
  keepMs: 0,
  documentBytes: 1_000_000_000,
} as const;

const UNITS: Readonly<Record<string, number>> = {
  ...{ ms: 1, s: 1_000, min: 60_000, h: 3_600_000, d: 86_400_000 },
  ...{ B: 1, kB: 1e3, MB: 1e6, GB: 1e9 },
};
const TIMES = ["ms", "s", "min", "h", "d"], SIZES = ["B", "kB", "MB", "GB"];
const KEYS = ["printer", "agent", "queue", "info", "location", "jobs", "jobs-per-user", "max-age"]
  .concat("keep", "max-document");
const NAME = /^[a-z0-9][a-z0-9_-]{0,62}$/i;
/** Names of queues that mean something else in an address. */
const RESERVED = ["ipp", "jobs", "events"];

/**
 * Reads the settings; all that is unknown in them is refused.
 *
 * @param settings `ctx.settings`: JSON that the admin wrote.
 * @throws {PrintError} bad_settings – with the key that is wrong
 */
export function readSettings(settings: unknown): PrintSettings {
  const { queues = {}, default: chosen, ...rest } = mapping(settings ?? {}, "settings");
  no(Object.keys(rest)[0], "settings");
  const read = new Map<string, QueueSettings>();
  for (const [name, said] of Object.entries(mapping(queues, "settings.queues"))) {
    const at = `settings.queues.${name}`;
    need(NAME.test(name) && !RESERVED.includes(name), at, "is no name of a queue");
    read.set(name, readQueue(name, mapping(said, at), at));
  }
  need(
    chosen === undefined || typeof chosen === "string" && read.has(chosen),
    "settings.default",
    "must name one of the queues",
  );
  const defaultQueue = typeof chosen === "string" ? chosen : read.keys().next().value;
  return { queues: read, defaultQueue };
}

function readQueue(name: string, said: Record<string, unknown>, at: string): QueueSettings {
  no(Object.keys(said).find((key) => !KEYS.includes(key)), at);
  const text = (key: string, otherwise: string) => {
    const value = said[key] ?? otherwise;
    need(typeof value === "string" && value.length <= 127, `${at}.${key}`, "must be a short text");
    return value as string;
  };
  const count = (key: string, otherwise: number) => {
    const value = said[key] ?? otherwise;
    need(Number.isSafeInteger(value) && value as number > 0, `${at}.${key}`, "must be a count");
    return value as number;
  };
  return {
    name,
    target: readTarget(said, at),
    info: text("info", name),
    location: text("location", ""),
    jobs: count("jobs", QUEUE_DEFAULTS.jobs),
    jobsPerUser: count("jobs-per-user", QUEUE_DEFAULTS.jobsPerUser),
    maxAgeMs: quantity(said["max-age"], TIMES, QUEUE_DEFAULTS.maxAgeMs, `${at}.max-age`),
    keepMs: quantity(said.keep, TIMES, QUEUE_DEFAULTS.keepMs, `${at}.keep`),
    documentBytes: quantity(
      said["max-document"],
      SIZES,
      QUEUE_DEFAULTS.documentBytes,
      `${at}.max-document`,
    ),
  };
}

function readTarget({ printer, agent, queue }: Record<string, unknown>, at: string): Target {
  if (agent !== undefined && printer === undefined) {
    need(typeof agent === "string" && agent !== "", `${at}.agent`, "must name an agent");
    need(typeof queue === "string" && NAME.test(queue), `${at}.queue`, "must name its queue");
    return { kind: "agent", agent: agent as string, queue: queue as string };
  }
  const url = httpOf(printer);
  const found = 'must be like "ipp://host:631/ipp/print", or "agent" and "queue" stand there';
  need(url !== undefined && agent === undefined, `${at}.printer`, found);
  need(queue === undefined, `${at}.queue`, "stands only beside an agent");
  return { kind: "printer", uri: printer as string, url: url! };
}

function quantity(said: unknown, units: readonly string[], otherwise: number, at: string): number {
  if (said === undefined) return otherwise;
  const parts = typeof said === "string" ? /^(\d{1,9}(?:\.\d{1,3})?) (\w+)$/.exec(said) : null;
  need(parts !== null && units.includes(parts[2]!), at, `needs one of ${units.join(", ")}`);
  return Math.round(Number(parts![1]) * UNITS[parts![2]!]!);
}

function mapping(value: unknown, at: string): Record<string, unknown> {
  const holds = typeof value === "object" && value !== null && !Array.isArray(value);
  need(holds, at, "must be a mapping");
  return value as Record<string, unknown>;
}

function no(key: string | undefined, at: string): void {
  need(key === undefined, `${at}.${key}`, "is unknown");
}

function need(holds: boolean, at: string, what: string): void {
  if (!holds) {
    throw new PrintError("bad_settings", `Cannot use the grant's settings as ${at} ${what}`);
  }
}
