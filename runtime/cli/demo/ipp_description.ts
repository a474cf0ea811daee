import {
  type IppAttributes,
  type IppData,
  type IppValue,
  OPERATION,
  TAG,
} from "../../../scripts/print/ipp/message.ts";
import { attributesFrom, type Row } from "../../../scripts/print/ipp/values.ts";
import { JOB_STATE, type PrintedJob } from "./print_queue.ts";

type Choice = { readonly tag: number; readonly values: readonly [IppData, ...IppData[]] };

const MOST_COPIES = 99;
/** 300 dots per inch, both ways. */
const RESOLUTION = Uint8Array.of(0, 0, 1, 44, 0, 0, 1, 44, 3);
const PORTRAIT = 3, NO_FINISHING = 3, NORMAL_QUALITY = 4;

/** What a job may ask of the demo's printer; the first value is the default. */
const TEMPLATE: Readonly<Record<string, Choice>> = {
  copies: { tag: TAG.integer, values: [1] },
  sides: {
    tag: TAG.keyword,
    values: ["one-sided", "two-sided-long-edge", "two-sided-short-edge"],
  },
  media: { tag: TAG.keyword, values: ["iso_a4_210x297mm", "na_letter_8.5x11in"] },
  finishings: { tag: TAG.enum, values: [NO_FINISHING] },
  "orientation-requested": { tag: TAG.enum, values: [PORTRAIT] },
  "output-bin": { tag: TAG.keyword, values: ["face-down"] },
  "print-quality": { tag: TAG.enum, values: [NORMAL_QUALITY] },
  "printer-resolution": { tag: TAG.resolution, values: [RESOLUTION] },
};

const REASONS: Record<number, string> = {
  [JOB_STATE.pending]: "none",
  [JOB_STATE.processing]: "job-printing",
  [JOB_STATE.canceled]: "job-canceled-by-user",
  [JOB_STATE.completed]: "job-completed-successfully",
};

/** What the demo's printer is asked for. */
const SERVED = [
  OPERATION.printJob,
  OPERATION.validateJob,
  OPERATION.cancelJob,
  OPERATION.getJobAttributes,
  OPERATION.getJobs,
  OPERATION.getPrinterAttributes,
];

/** What the printer does where a job does not say. */
export function defaultOf(name: "copies" | "sides" | "media"): string {
  return String(TEMPLATE[name]!.values[0]);
}

/** Whether the printer knows an attribute of that name. */
export function knows(name: string): boolean {
  return Object.hasOwn(TEMPLATE, name);
}

/** Whether a job can have that value. */
export function offers(name: string, { tag, data }: IppValue): boolean {
  if (!knows(name) || TEMPLATE[name]!.tag !== tag) return false;
  if (name === "copies") return typeof data === "number" && data >= 1 && data <= MOST_COPIES;
  return TEMPLATE[name]!.values.some((value) => String(value) === String(data));
}

/**
 * What `requested-attributes` asks for: names, `all`, `job-template`, or the rest
 * (`printer-description`, `job-description`).
 */
export function only(
  asked: IppAttributes,
  attributes: IppAttributes,
  otherwise: readonly string[],
): IppAttributes {
  const names = asked.get("requested-attributes")?.map(({ data }) => data) ?? otherwise;
  return new Map([...attributes].filter(([name]) => {
    const template = knows(name.replace(/-(default|supported)$/, ""));
    const group = template ? "job-template" : "description";
    return names.some((wanted) =>
      wanted === "all" || wanted === name || String(wanted).endsWith(group)
    );
  }));
}

/** Whole seconds since the printer started, at least 1 as IPP wants. */
function upTime(at: number, startedAt: number): number {
  return 1 + Math.floor((at - startedAt) / 1000);
}

/** Attributes of one job (RFC 8011, "Job Attributes"). */
export function describeJob(
  job: PrintedJob,
  printerUri: string,
  startedAt: number,
): IppAttributes {
  const { copies, sides, media, state, pages, times } = job;
  const time = (name: string, at: number | null): Row =>
    at === null ? [name, TAG.noValue, null] : [name, TAG.integer, upTime(at, startedAt)];
  return attributesFrom([
    ["job-id", TAG.integer, job.id],
    ["job-uri", TAG.uri, `${printerUri}/${job.id}`],
    ["job-printer-uri", TAG.uri, printerUri],
    ["job-name", TAG.name, job.name],
    ["job-originating-user-name", TAG.name, job.user],
    ["job-state", TAG.enum, state],
    ["job-state-reasons", TAG.keyword, REASONS[state]!],
    ["job-impressions", TAG.integer, pages],
    ["job-impressions-completed", TAG.integer, state === JOB_STATE.completed ? pages * copies : 0],
    time("time-at-creation", times.created),
    time("time-at-processing", times.processing),
    time("time-at-completed", times.ended),
    ["job-printer-up-time", TAG.integer, upTime(performance.now(), startedAt)],
    ["copies", TAG.integer, copies],
    ["sides", TAG.keyword, sides],
    ["media", TAG.keyword, media],
  ]);
}

/** Attributes of the printer (RFC 8011, "Printer Attributes"). */
export function describePrinter(
  { uri, formats, startedAt, queued }: {
    uri: string;
    formats: readonly string[];
    startedAt: number;
    queued: number;
  },
): IppAttributes {
  return attributesFrom([
    ["printer-uri-supported", TAG.uri, uri],
    ["uri-security-supported", TAG.keyword, "none"],
    ["uri-authentication-supported", TAG.keyword, "none"],
    ["printer-name", TAG.name, "Demo printer"],
    ["printer-info", TAG.text, "Prints into memory"],
    ["printer-location", TAG.text, "this machine"],
    ["printer-more-info", TAG.uri, uri.replace(/^ipp/, "http")],
    ["printer-make-and-model", TAG.text, "Writ demo printer"],
    ["printer-state", TAG.enum, queued > 0 ? 4 : 3],
    ["printer-state-reasons", TAG.keyword, "none"],
    ["printer-is-accepting-jobs", TAG.boolean, true],
    ["printer-up-time", TAG.integer, upTime(performance.now(), startedAt)],
    ["queued-job-count", TAG.integer, queued],
    ["ipp-versions-supported", TAG.keyword, "1.1", "2.0"],
    ["operations-supported", TAG.enum, ...SERVED],
    ["charset-configured", TAG.charset, "utf-8"],
    ["charset-supported", TAG.charset, "us-ascii", "utf-8"],
    ["natural-language-configured", TAG.language, "en"],
    ["generated-natural-language-supported", TAG.language, "en"],
    ["document-format-default", TAG.mime, formats[0]!],
    ["document-format-supported", TAG.mime, ...formats],
    ["compression-supported", TAG.keyword, "none"],
    ["pdl-override-supported", TAG.keyword, "not-attempted"],
    ["color-supported", TAG.boolean, false],
    ["pages-per-minute", TAG.integer, 60],
    ...Object.entries(TEMPLATE).map(([name, { tag, values }]): Row => [
      `${name}-default`,
      tag,
      values[0],
    ]),
    ...Object.entries(TEMPLATE).map(([name, { tag, values }]): Row =>
      name === "copies"
        ? ["copies-supported", TAG.range, [1, MOST_COPIES]]
        : [`${name}-supported`, tag, ...values]
    ),
  ]);
}
