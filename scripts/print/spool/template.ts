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

/** Writes what a job asks for, for the store. */
export function writeTemplate(attributes: IppAttributes): string {
  if (attributes.size === 0) return "";
  const groups = [{ tag: GROUP.job, attributes }];
  return encodeIpp({ version: 0x0200, code: 0, requestId: 1, groups }).toBase64();
}

/** Reads it again. */
export function templateOf(written: string): IppAttributes {
  if (written === "") return new Map();
  return attributesOf(decodeIpp(Uint8Array.fromBase64(written)).message, GROUP.job);
}
