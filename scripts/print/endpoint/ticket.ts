import { GROUP, type IppAttributes, type IppMessage, type IppValue, TAG } from "../ipp/message.ts";
import { STATUS } from "../ipp/status.ts";
import {
  asName,
  attributesOf,
  flagOf,
  numberOf,
  plain,
  sameValue,
  textOf,
  textsOf,
} from "../ipp/values.ts";
import { LAID_OUT } from "../layout/lay_out.ts";
import type { Ticket } from "../spool/new_job.ts";
import { isPassedOn, writeTemplate } from "../spool/template.ts";
import type { Offer } from "../target/offer.ts";
import { userOf } from "./asked.ts";
import { holdIn } from "./hold_until.ts";
import { IppRefusal } from "./refusal.ts";
import { COMPRESSIONS } from "./unpack.ts";

/** What a request for a job says, held against what the queue offers. */
export interface ReadTicket {
  readonly ticket: Ticket;
  readonly compression: string;
  /** What was asked for and is not done. */
  readonly ignored: IppAttributes;
}

/** Attributes of a job's group that are neither the printer's nor unknown. */
const OURS = ["job-hold-until", "job-hold-until-time", "job-name", "job-cancel-after"];

/**
 * Reads what Print-Job, Validate-Job and Create-Job ask for.
 *
 * @throws {IppRefusal} formatNotSupported, compressionNotSupported, valuesNotSupported – the last
 * only for a job that must be printed as asked, or a hold that is not understood
 * @throws {RangeError} as {@linkcode writeTemplate} does
 */
export function readTicket(
  request: IppMessage,
  { attributes: offer, makes }: Pick<Offer, "attributes" | "makes">,
): ReadTicket {
  const operation = attributesOf(request, GROUP.operation);
  const job = attributesOf(request, GROUP.job);
  const fidelity = flagOf(operation, "ipp-attribute-fidelity") ?? false;
  const format = checkFormat(operation, offer);
  // What nobody says of octets, their first ones tell later.
  const isLaidOut = LAID_OUT.includes(format) || format === OCTETS;
  const template: IppAttributes = new Map(), ignored: IppAttributes = new Map();
  for (const [name, values] of job) {
    if (OURS.includes(name)) continue;
    const known = isPassedOn(name) && offers(offer, name, values) &&
      (isLaidOut || !makes.includes(name) || isUsual(offer, name, values));
    (known ? template : ignored).set(name, known ? values : asUnsupported(offer, name, values));
  }
  const hold = holdIn([job, operation], Date.now());
  if (fidelity && ignored.size > 0) {
    const names = [...ignored.keys()].join(", ");
    throw new IppRefusal(STATUS.valuesNotSupported, `not offered: ${plain(names)}`, ignored);
  }
  return {
    ticket: {
      uuid: crypto.randomUUID(),
      user: userOf(operation),
      name: asName(nameIn(operation, job)),
      format,
      template: writeTemplate(template),
      copies: numberOf(template, "copies") ?? 1,
      fidelity,
      ...(hold && { hold }),
    },
    compression: checkCompression(operation),
    ignored,
  };
}

function nameIn(operation: IppAttributes, job: IppAttributes): string {
  return textOf(operation, "job-name") ?? textOf(job, "job-name") ??
    textOf(operation, "document-name") ?? "untitled";
}

/**
 * The format of a document, which is one that the queue takes.
 *
 * @throws {IppRefusal} formatNotSupported
 */
export function checkFormat(operation: IppAttributes, offer: IppAttributes): string {
  const said = operation.get("document-format");
  const format = textOf(operation, "document-format")?.split(";")[0]?.trim().toLowerCase() ??
    textOf(offer, "document-format-default") ?? OCTETS;
  if (textsOf(offer, "document-format-supported").includes(format)) return format;
  const unsupported: IppAttributes = new Map(said ? [["document-format", said]] : []);
  throw new IppRefusal(
    STATUS.formatNotSupported,
    `the printer takes no ${plain(format)}`,
    unsupported,
  );
}

/** The format of a document that does not say what it is. */
export const OCTETS = "application/octet-stream";

/** @throws {IppRefusal} compressionNotSupported */
export function checkCompression(operation: IppAttributes): string {
  const compression = textOf(operation, "compression") ?? "none";
  if ((COMPRESSIONS as readonly string[]).includes(compression)) return compression;
  const unsupported: IppAttributes = new Map([["compression", operation.get("compression")!]]);
  const found = "documents come plain, or as gzip";
  throw new IppRefusal(STATUS.compressionNotSupported, found, unsupported);
}

/** Whether all values of an attribute are among those that are offered. */
function offers(offer: IppAttributes, name: string, values: readonly IppValue[]): boolean {
  const supported = offer.get(`${name}-supported`);
  if (!supported) return false;
  // Members of a collection, and ranges of pages, are for the printer to judge.
  if (values.some(({ data }) => data instanceof Map) || name === "page-ranges") return true;
  return values.every(({ data }) =>
    supported.some((one) =>
      sameValue(one.data, data) || typeof data === "number" && Array.isArray(one.data) &&
        one.data[0] <= data && data <= one.data[1]
    )
  );
}

/** Whether an attribute says what holds without it. */
function isUsual(offer: IppAttributes, name: string, values: readonly IppValue[]): boolean {
  const usual = offer.get(`${name}-default`)?.[0];
  return usual !== undefined && values.every(({ data }) => sameValue(data, usual.data));
}

/** Names that are unknown come back without a value (RFC 8011, "Unsupported Attributes"). */
function asUnsupported(
  offer: IppAttributes,
  name: string,
  values: readonly IppValue[],
): IppValue[] {
  if (offer.has(`${name}-supported`)) return [...values];
  return [{ tag: TAG.unsupported, data: null }];
}
