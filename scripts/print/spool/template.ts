import { decodeIpp } from "../ipp/decode.ts";
import { encodeIpp } from "../ipp/encode.ts";
import { GROUP, type IppAttributes } from "../ipp/message.ts";
import { attributesOf } from "../ipp/values.ts";

/** Attributes that a job may ask for and that are passed on to its printer. */
const PASSED_ON = new Set([
  ...["copies", "sides", "media", "media-col", "finishings", "finishings-col", "output-bin"],
  ...["orientation-requested", "print-color-mode", "print-quality", "print-content-optimize"],
  ...["print-scaling", "print-rendering-intent", "printer-resolution", "page-ranges"],
  ...["number-up", "multiple-document-handling", "job-sheets", "job-priority"],
]);

/** Whether an attribute is the printer's to know. */
export function isPassedOn(name: string): boolean {
  return PASSED_ON.has(name);
}

/** The most octets of what one job asks for: a queue of ten thousand is kept in memory. */
const TEMPLATE_BYTES = 4_096;

/**
 * Writes what a job asks for, for the store.
 *
 * @throws {RangeError} when it is too much
 */
export function writeTemplate(attributes: IppAttributes): string {
  if (attributes.size === 0) return "";
  const groups = [{ tag: GROUP.job, attributes }];
  const bytes = encodeIpp({ version: 0x0200, code: 0, requestId: 1, groups });
  if (bytes.length <= TEMPLATE_BYTES) return bytes.toBase64();
  throw new RangeError(`the job asks for more than ${TEMPLATE_BYTES} octets can say`);
}

/**
 * Reads it again.
 *
 * @throws {SyntaxError} when it is none
 */
export function templateOf(written: string): IppAttributes {
  if (written === "") return new Map();
  return attributesOf(decodeIpp(Uint8Array.fromBase64(written)).message, GROUP.job);
}
