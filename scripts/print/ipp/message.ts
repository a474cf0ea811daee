/** What a value may be: `null` is "no value", a map a collection, bytes are what is not read here. */
export type IppData =
  | number
  | boolean
  | string
  | readonly [number, number]
  | Uint8Array
  | IppAttributes
  | null;
export type IppValue = { readonly tag: number; readonly data: IppData };
export type IppAttributes = Map<string, IppValue[]>;
export type IppGroup = { readonly tag: number; readonly attributes: IppAttributes };

/** A request or a response; `code` is its operation or its status. */
export type IppMessage = {
  readonly version: number;
  readonly code: number;
  readonly requestId: number;
  readonly groups: readonly IppGroup[];
};

/** Tags of attribute groups (RFC 8010, "Delimiter Tags"). */
export const GROUP = { operation: 1, job: 2, end: 3, printer: 4, unsupported: 5 } as const;

/** Tags of values (RFC 8010, "Value Tags"). */
// deno-fmt-ignore
export const TAG = { unsupported: 0x10, unknown: 0x12, noValue: 0x13, integer: 0x21, boolean: 0x22,
  enum: 0x23, octets: 0x30, date: 0x31, resolution: 0x32, range: 0x33, collection: 0x34,
  languageText: 0x35, languageName: 0x36, endCollection: 0x37, text: 0x41, name: 0x42,
  keyword: 0x44, uri: 0x45, scheme: 0x46, charset: 0x47, language: 0x48, mime: 0x49,
  member: 0x4a } as const;

/** Operations that are served, asked for, or refused by name. */
// deno-fmt-ignore
export const OPERATION = { printJob: 2, validateJob: 4, createJob: 5, sendDocument: 6, cancelJob: 8,
  getJobAttributes: 9, getJobs: 10, getPrinterAttributes: 11, holdJob: 12, releaseJob: 13,
  purgeJobs: 0x12, cancelMyJobs: 0x39, closeJob: 0x3b } as const;

/** What one message may hold. */
export const BOUNDS = { bytes: 1 << 20, groups: 4096, values: 65_536, depth: 8 } as const;

/** Octets of a value whose tag fixes them. */
export const FIXED_OCTETS: Readonly<Record<number, number>> = {
  [TAG.integer]: 4,
  [TAG.boolean]: 1,
  [TAG.enum]: 4,
  [TAG.date]: 11,
  [TAG.resolution]: 9,
  [TAG.range]: 8,
};

/** The most octets of a string, from tag 0x41 on; 0 is a tag that is no string. */
export const STRING_OCTETS = [1023, 255, 0, 255, 1023, 63, 63, 63, 255, 255] as const;

/** The most octets of any other value. */
export const MOST_OCTETS = 32_767;

/** Bytes that are not an IPP message; `offset` is where reading stopped. */
export class IppSyntaxError extends SyntaxError {
  override readonly name = "IppSyntaxError";
  readonly offset: number;

  constructor(offset: number, found: string) {
    super(`Cannot read an IPP message as it is malformed at byte ${offset}: ${found}`);
    this.offset = offset;
  }
}
