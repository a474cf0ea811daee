import { type IppAttributes, type IppData, OPERATION, TAG } from "../../../scripts/print/mod.ts";
import { JOB_STATE, type PrintedJob } from "./print_queue.ts";

/** What a job may ask of the demo's printer: tag, default, and the values it takes. */
export const TEMPLATE = {
  copies: { tag: TAG.integer, default: 1, most: 99 },
  sides: {
    tag: TAG.keyword,
    default: "one-sided",
    values: ["one-sided", "two-sided-long-edge", "two-sided-short-edge"],
  },
  media: {
    tag: TAG.keyword,
    default: "iso_a4_210x297mm",
    values: ["iso_a4_210x297mm", "na_letter_8.5x11in"],
  },
} as const;

const REASONS: Record<number, string> = {
  [JOB_STATE.pending]: "none",
  [JOB_STATE.processing]: "job-printing",
  [JOB_STATE.canceled]: "job-canceled-by-user",
  [JOB_STATE.completed]: "job-completed-successfully",
};

/** The out-of-band value that stands for what has not happened yet. */
const NO_VALUE = 0x13;

type Row = readonly [name: string, tag: number, ...data: IppData[]];

/** Attributes from rows of name, tag and values. */
export function attributesFrom(rows: readonly Row[]): IppAttributes {
  return new Map(rows.map(([name, tag, ...data]) => [name, data.map((data) => ({ tag, data }))]));
}

/** The first value of an attribute, where it is text. */
export function text(attributes: IppAttributes, name: string): string | undefined {
  const data = attributes.get(name)?.[0]?.data;
  return typeof data === "string" ? data : undefined;
}

/** Whether a job attribute can be had with this value. */
export function offers(name: string, data: IppData): boolean {
  if (name === "copies") {
    return typeof data === "number" && data >= 1 && data <= TEMPLATE.copies.most;
  }
  const values: readonly IppData[] = name === "sides" || name === "media"
    ? TEMPLATE[name].values
    : [];
  return values.includes(data);
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
    const group = name.split("-")[0]! in TEMPLATE ? "job-template" : "description";
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
    at === null ? [name, NO_VALUE, null] : [name, TAG.integer, upTime(at, startedAt)];
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
    ["operations-supported", TAG.enum, ...Object.values(OPERATION)],
    ["charset-configured", TAG.charset, "utf-8"],
    ["charset-supported", TAG.charset, "us-ascii", "utf-8"],
    ["natural-language-configured", TAG.language, "en"],
    ["generated-natural-language-supported", TAG.language, "en"],
    ["document-format-default", TAG.mime, formats[0]!],
    ["document-format-supported", TAG.mime, ...formats],
    ["compression-supported", TAG.keyword, "none"],
    ["pdl-override-supported", TAG.keyword, "not-attempted"],
    ["copies-default", TAG.integer, TEMPLATE.copies.default],
    ["copies-supported", TAG.range, [1, TEMPLATE.copies.most]],
    ["sides-default", TAG.keyword, TEMPLATE.sides.default],
    ["sides-supported", TAG.keyword, ...TEMPLATE.sides.values],
    ["media-default", TAG.keyword, TEMPLATE.media.default],
    ["media-supported", TAG.keyword, ...TEMPLATE.media.values],
  ]);
}
