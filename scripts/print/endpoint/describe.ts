import { type IppAttributes, OPERATION, TAG } from "../ipp/message.ts";
import { attributesFrom, type Row } from "../ipp/values.ts";
import type { QueueSettings } from "../settings.ts";
import { INCOMING_MS } from "../spool/falls_due.ts";
import { IPP_STATE, type Job } from "../spool/job.ts";
import { isPassedOn, templateOf } from "../spool/template.ts";
import type { PrinterHealth } from "../target/offer.ts";
import { HOLD_WORDS } from "./hold_until.ts";
import { COMPRESSIONS } from "./unpack.ts";

/** When this cell began; printers count seconds from there. */
const STARTED = Date.now();

/** Seconds of up-time at an instant; what was before is not positive. */
function upTime(at: number): number {
  return Math.floor((at - STARTED) / 1000) + 1;
}

/** Operations that are served; any other is refused. */
const SERVED: readonly number[] = Object.values(OPERATION)
  .filter((operation) => operation !== OPERATION.purgeJobs);

/** What is said of a queue. */
export interface DescribedQueue {
  readonly queue: QueueSettings;
  /** As the client calls it. */
  readonly uri: string;
  readonly offer: IppAttributes;
  readonly health: PrinterHealth | undefined;
  readonly waiting: number;
  readonly printing: boolean;
}

/** Attributes of a queue (RFC 8011, "Printer Attributes"; PWG 5100.12, "IPP/2.0"). */
export function describePrinter(described: DescribedQueue): IppAttributes {
  const { queue, uri, offer, health, waiting, printing } = described;
  const stopped = health?.state === 5;
  const rows: Row[] = [
    ["printer-uri-supported", TAG.uri, uri],
    ["uri-security-supported", TAG.keyword, uri.startsWith("ipps") ? "tls" : "none"],
    ["uri-authentication-supported", TAG.keyword, "requesting-user-name"],
    ["printer-name", TAG.name, queue.name],
    ["printer-info", TAG.text, queue.info],
    ["printer-location", TAG.text, queue.location],
    ["printer-more-info", TAG.uri, uri.replace(/^ipp/, "http")],
    ["printer-state", TAG.enum, stopped ? 5 : printing ? 4 : 3],
    ["printer-state-reasons", TAG.keyword, ...reasonsOf(health, waiting > 0)],
    ["printer-is-accepting-jobs", TAG.boolean, waiting < queue.jobs],
    ["printer-up-time", TAG.integer, upTime(Date.now())],
    ["queued-job-count", TAG.integer, waiting],
    ["ipp-versions-supported", TAG.keyword, "1.0", "1.1", "2.0"],
    ["operations-supported", TAG.enum, ...SERVED],
    ["charset-configured", TAG.charset, "utf-8"],
    ["charset-supported", TAG.charset, "us-ascii", "utf-8"],
    ["natural-language-configured", TAG.language, "en"],
    ["generated-natural-language-supported", TAG.language, "en"],
    ["compression-supported", TAG.keyword, ...COMPRESSIONS],
    ["pdl-override-supported", TAG.keyword, "attempted"],
    ["multiple-document-jobs-supported", TAG.boolean, false],
    ["multiple-operation-time-out", TAG.integer, INCOMING_MS / 1000],
    ["multiple-operation-time-out-action", TAG.keyword, "abort-job"],
    ["job-hold-until-default", TAG.keyword, "no-hold"],
    ["job-hold-until-supported", TAG.keyword, ...HOLD_WORDS],
    ["job-ids-supported", TAG.boolean, true],
    ["job-k-octets-supported", TAG.range, [0, Math.ceil(queue.documentBytes / 1024)]],
    // deno-fmt-ignore
    ["which-jobs-supported", TAG.keyword, ...WHICH_JOBS],
    ["job-creation-attributes-supported", TAG.keyword, ...CREATION, ...templateNames(offer)],
  ];
  return new Map([...attributesFrom(rows), ...offer]);
}

/** Values of `which-jobs` that are understood. */
// deno-fmt-ignore
export const WHICH_JOBS = ["completed", "not-completed", "all", "aborted", "canceled", "pending",
  "pending-held", "processing"] as const;

const CREATION = ["job-name", "job-hold-until", "ipp-attribute-fidelity"];

function templateNames(offer: IppAttributes): string[] {
  return [...offer.keys()].filter((name) => name.endsWith("-supported"))
    .map((name) => name.slice(0, -"-supported".length))
    .filter((name) => offer.has(`${name}-default`) && !name.startsWith("document-"));
}

function reasonsOf(health: PrinterHealth | undefined, wanted: boolean): string[] {
  if (!health) return wanted ? ["connecting-to-device"] : ["none"];
  return health.reasons.length > 0 ? [...health.reasons] : ["none"];
}

/** Attributes of a job (RFC 8011, "Job Attributes"). */
export function describeJob(job: Job, printerUri: string): IppAttributes {
  const time = (name: string, at: number | null): Row =>
    at === null ? [name, TAG.noValue, null] : [name, TAG.integer, Math.max(0, upTime(at))];
  const kilobytes = Math.ceil((job.document?.length ?? 0) / 1024);
  const rows: Row[] = [
    ["job-id", TAG.integer, job.id],
    ["job-uri", TAG.uri, `${printerUri}/${job.id}`],
    ["job-uuid", TAG.uri, `urn:uuid:${job.uuid}`],
    ["job-printer-uri", TAG.uri, printerUri],
    ["job-name", TAG.name, job.name],
    ["job-originating-user-name", TAG.name, job.user],
    ["job-state", TAG.enum, IPP_STATE[job.state]],
    ["job-state-reasons", TAG.keyword, ...job.reasons.length > 0 ? job.reasons : ["none"]],
    ["job-state-message", TAG.text, job.message.slice(0, 255)],
    ["job-printer-up-time", TAG.integer, upTime(Date.now())],
    ["job-k-octets", TAG.integer, kilobytes],
    ["job-impressions-completed", TAG.integer, job.pages ?? 0],
    ["number-of-documents", TAG.integer, job.document ? 1 : 0],
    ["document-format", TAG.mime, job.format],
    time("time-at-creation", job.created),
    time("time-at-processing", job.began),
    time("time-at-completed", job.ended),
  ];
  if (job.reasons.includes("job-hold-until-specified")) {
    rows.push(["job-hold-until", TAG.keyword, "indefinite"]);
  }
  return new Map([...attributesFrom(rows), ...templateOf(job.template)]);
}

/**
 * What a client wants to know; `otherwise` when it does not say. `all`, `job-template`,
 * `job-description` and `printer-description` stand for many.
 *
 * @see RFC 8011, "requested-attributes"
 */
export function only(
  attributes: IppAttributes,
  requested: readonly string[],
  otherwise: readonly string[],
): IppAttributes {
  const names = requested.length > 0 ? requested : otherwise;
  if (names.includes("all")) return attributes;
  const wants = (group: string) => names.some((name) => name === group || name.endsWith(group));
  const template = wants("job-template"), description = wants("-description");
  return new Map([...attributes].filter(([name]) => {
    const isTemplate = isPassedOn(name.replace(/-(default|supported|ready)$/, ""));
    return names.includes(name) || (isTemplate ? template : description);
  }));
}
