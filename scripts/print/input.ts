import type { AttachmentHandle } from "writ";
import { PrintError } from "./errors.ts";
import { fit, plain } from "./ipp/values.ts";

/** What to print, where and how: at a printer's address, or in one of the grant's queues. */
export type PrintInput = {
  readonly printer?: string;
  readonly queue?: string;
  readonly copies?: number;
  readonly sides?: "one-sided" | "two-sided-long-edge" | "two-sided-short-edge";
  readonly media?: string;
  readonly jobName?: string;
  readonly user?: string;
  readonly format?: string;
};

const SIDES = ["one-sided", "two-sided-long-edge", "two-sided-short-edge"];
/** The most octets of each text. */
const TEXTS = { printer: 1023, queue: 63, media: 255, jobName: 255, user: 255, format: 255 };

/**
 * Checks what an order asks to print; nothing unknown is passed over.
 *
 * @returns the input, and the one document
 * @throws {PrintError} bad_input
 */
export function checkInput(
  input: PrintInput,
  attachments: readonly AttachmentHandle[],
): PrintInput & { readonly document: AttachmentHandle } {
  const need = (holds: boolean, what: string) => {
    if (!holds) throw new PrintError("bad_input", what);
  };
  need(typeof input === "object" && input !== null, "the input must be an object");
  for (const [key, value] of Object.entries(input)) {
    const octets = Object.hasOwn(TEXTS, key) ? TEXTS[key as keyof typeof TEXTS] : 0;
    need(octets > 0 || key === "copies" || key === "sides", `input.${plain(key)} is unknown`);
    if (octets === 0) continue;
    const fits = typeof value === "string" && value !== "" && fit(plain(value), octets) === value;
    need(fits, `input.${key} must be text of 1 to ${octets} octets, without control characters`);
  }
  const { copies = 1, sides = "one-sided", printer, queue } = input;
  const whole = Number.isInteger(copies) && copies >= 1 && copies <= 999;
  need(whole, "input.copies must be a whole number from 1 to 999");
  need(SIDES.includes(sides), `input.sides must be one of ${SIDES.join(", ")}`);
  need((printer === undefined) !== (queue === undefined), "either printer or queue must be there");
  const [document] = attachments;
  need(attachments.length === 1, `${attachments.length} documents are attached, not one`);
  return { ...input, document: document! };
}
