import { decodeIpp } from "../ipp/decode.ts";
import { encodeIpp } from "../ipp/encode.ts";
import { GROUP, type IppAttributes, type IppValue, OPERATION, TAG } from "../ipp/message.ts";
import {
  attributesFrom,
  attributesOf,
  flagOf,
  isCount,
  numberOf,
  reasonsOf,
  textsOf,
} from "../ipp/values.ts";
import { LAID_OUT } from "../layout/lay_out.ts";
import { SHEETS, UP } from "../layout/wish.ts";
import { accepted, ask, type Asked } from "./ask.ts";

/** What a printer can do, as far as it is passed on. */
export interface Offer {
  readonly attributes: IppAttributes;
  /** Whether it takes a job before its document. */
  readonly createsJobs: boolean;
  /** Attributes that the printer does not know, and that are made of the document before it. */
  readonly makes: readonly string[];
}

/** An offer as JSON, for the store and for other agents. */
export interface WrittenOffer {
  /** An IPP message in Base64. */
  readonly attributes: string;
  readonly createsJobs: boolean;
  readonly makes?: readonly string[];
}

/** Writes an offer down. */
export function writeOffer({ attributes, createsJobs, makes }: Offer): WrittenOffer {
  const groups = [{ tag: GROUP.printer, attributes }];
  const bytes = encodeIpp({ version: 0x0200, code: 0, requestId: 1, groups });
  return { attributes: bytes.toBase64(), createsJobs, makes };
}

/**
 * Reads an offer that was written down.
 *
 * @throws {IppSyntaxError | SyntaxError} when it is none
 */
export function readOffer({ attributes, createsJobs, makes }: WrittenOffer): Offer {
  const { message } = decodeIpp(Uint8Array.fromBase64(attributes));
  return {
    attributes: offerFrom(attributesOf(message, GROUP.printer)),
    createsJobs: createsJobs === true,
    makes: Object.keys(MADE).filter((name) => Array.isArray(makes) && makes.includes(name)),
  };
}

/** How a printer is at this moment. */
export interface PrinterHealth {
  readonly accepting: boolean;
  /** 3 idle, 4 processing, 5 stopped. */
  readonly state: number;
  readonly reasons: readonly string[];
}

/** Attributes that are a printer's own whoever stands in front of it: what it can do with paper. */
const PASSED_ON =
  /^(document-format|media|sides|copies|finishings|output-bin|orientation-requested|print-(color-mode|quality|content-optimize|scaling|rendering-intent)|printer-resolution|page-ranges|number-up|pwg-raster|urf|jpeg|pdf|pages-per-minute|color-supported|printer-make-and-model|printer-kind|multiple-document-handling|job-sheets)(-|$)/;
/** Of what is passed on, what is not: it names files or addresses of the printer, or is huge. */
const KEPT_BACK = /(database|uri|varying|preferred)/;
// deno-fmt-ignore
const FORMATS = ["application/pdf", "image/jpeg", "image/png", "image/pwg-raster", "image/urf",
  "application/postscript", "text/plain", "application/octet-stream"];
const SIDES = ["one-sided", "two-sided-long-edge", "two-sided-short-edge"];
const A4 = "iso_a4_210x297mm", LETTER = "na_letter_8.5x11in";
/** 300 dots per inch, both ways. */
const RESOLUTION = Uint8Array.of(0, 0, 1, 44, 0, 0, 1, 44, 3);

/** What a queue offers of which nothing is known yet, and where a printer says nothing. */
const USUAL: IppAttributes = attributesFrom([
  ["color-supported", TAG.boolean, false],
  ["copies-default", TAG.integer, 1],
  ["copies-supported", TAG.range, [1, 999]],
  ["document-format-default", TAG.mime, "application/octet-stream"],
  ["document-format-supported", TAG.mime, ...FORMATS],
  ["finishings-default", TAG.enum, 3],
  ["finishings-supported", TAG.enum, 3],
  ["media-default", TAG.keyword, A4],
  ["media-supported", TAG.keyword, A4, LETTER],
  ["orientation-requested-default", TAG.noValue, null],
  ["orientation-requested-supported", TAG.enum, 3, 4, 5, 6],
  ["output-bin-default", TAG.keyword, "face-down"],
  ["output-bin-supported", TAG.keyword, "face-down"],
  ["page-ranges-supported", TAG.boolean, false],
  ["pages-per-minute", TAG.integer, 10],
  ["print-quality-default", TAG.enum, 4],
  ["print-quality-supported", TAG.enum, 4],
  ["printer-make-and-model", TAG.text, "Writ print queue"],
  ["printer-resolution-default", TAG.resolution, RESOLUTION],
  ["printer-resolution-supported", TAG.resolution, RESOLUTION],
  ["sides-default", TAG.keyword, "one-sided"],
  ["sides-supported", TAG.keyword, ...SIDES],
]);

/** Hundredths of a millimetre. */
const UNITS: Readonly<Record<string, number>> = { mm: 100, in: 2540 };

/** A queue whose printer was never reached. */
export const UNKNOWN_OFFER: Offer = {
  attributes: offerFrom(new Map()),
  createsJobs: true,
  makes: [],
};

/**
 * Asks a printer what it offers and how it is.
 *
 * @throws {PrintError} unavailable, bad_answer, refused
 */
export async function askOffer(
  asked: Asked,
  signal: AbortSignal,
): Promise<{ offer: Offer; health: PrinterHealth }> {
  const answer = await ask(asked, OPERATION.getPrinterAttributes, [
    ["requested-attributes", TAG.keyword, "all"],
  ], { signal });
  const said = attributesOf(accepted(answer, "tell what it offers"), GROUP.printer);
  const operations = (said.get("operations-supported") ?? []).map(({ data }) => data);
  return {
    offer: {
      ...withMade(offerFrom(said)),
      createsJobs: operations.includes(OPERATION.createJob) &&
        operations.includes(OPERATION.sendDocument),
    },
    health: {
      accepting: flagOf(said, "printer-is-accepting-jobs") ?? true,
      state: numberOf(said, "printer-state") ?? 3,
      reasons: reasonsOf(said, "printer-state-reasons"),
    },
  };
}

/** What is made here for a printer that takes pages and does not do it. */
const MADE: Readonly<Record<string, IppAttributes>> = {
  "number-up": attributesFrom([
    ["number-up-default", TAG.integer, 1],
    ["number-up-supported", TAG.integer, ...UP],
  ]),
  "job-sheets": attributesFrom([
    ["job-sheets-default", TAG.keyword, "none"],
    ["job-sheets-supported", TAG.keyword, ...SHEETS],
  ]),
};

function withMade(attributes: IppAttributes): Pick<Offer, "attributes" | "makes"> {
  const formats = textsOf(attributes, "document-format-supported");
  const takesPages = LAID_OUT.some((format) => formats.includes(format));
  const makes = Object.keys(MADE).filter((name) => {
    const values = attributes.get(`${name}-supported`) ?? [];
    return takesPages && values.every(({ data }) => data === 1 || data === "none");
  });
  const made = makes.flatMap((name) => [...MADE[name]!]);
  return { attributes: new Map([...attributes, ...made]), makes };
}

/**
 * What the names of media say of their size.
 *
 * @see PWG 5101.1, "Media Size Self-Describing Names"
 */
function sizesOf(media: readonly IppValue[]): IppValue[] {
  return media.flatMap(({ data }) => {
    const [, x, y, unit] = /_(\d+(?:\.\d+)?)x(\d+(?:\.\d+)?)(mm|in)$/.exec(String(data)) ?? [];
    if (unit === undefined) return [];
    const sides = [x, y].map((side) => Math.round(Number(side) * UNITS[unit]!));
    if (!sides.every(isCount)) return [];
    const size = attributesFrom([
      ["x-dimension", TAG.integer, sides[0]!],
      ["y-dimension", TAG.integer, sides[1]!],
    ]);
    return [{ tag: TAG.collection, data: size }];
  });
}

/** Of all that a printer says, what a queue in front of it says too. */
function offerFrom(said: IppAttributes): IppAttributes {
  const own = [...said].filter(([name]) => PASSED_ON.test(name) && !KEPT_BACK.test(name));
  const color = flagOf(said, "color-supported") === true;
  const offer: IppAttributes = new Map([...USUAL, ...own]);
  if (!color) offer.delete("pages-per-minute-color");
  const sizes = sizesOf(offer.get("media-supported")!);
  if (!offer.has("media-size-supported") && sizes.length > 0) {
    offer.set("media-size-supported", sizes);
  }
  const [size] = sizesOf(offer.get("media-default")!);
  if (!offer.has("media-col-default") && size) {
    const usual: IppAttributes = new Map([["media-size", [size]]]);
    offer.set("media-col-default", [{ tag: TAG.collection, data: usual }]);
  }
  const formats = offer.get("document-format-supported")!;
  if (!formats.some(({ data }) => data === "application/octet-stream")) {
    // Ours to tell apart by their first bytes.
    const known = { tag: TAG.mime, data: "application/octet-stream" };
    offer.set("document-format-supported", [...formats, known]);
  }
  return offer;
}
