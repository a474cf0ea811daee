/** Bytes of the header of a `.cvd` or `.cld` file, padded with spaces. */
export const CVD_HEADER_BYTES = 512;

/** What the header of a database says. Nothing of it is proven here: the vendor's tools do that. */
export interface CvdHeader {
  /** As its vendor wrote it, such as `22 Jun 2021 21-34 -0400`. */
  readonly built: string;
  readonly version: number;
  readonly signatures: number;
  /** The lowest functionality level of a scanner that can use it. */
  readonly functionality: number;
  /** MD5 of what follows the header, 32 hexadecimal digits; a `.cld`, made here, has none. */
  readonly md5: string | undefined;
  readonly builder: string;
  /** When it was built, seconds since 1970; 0 when it does not say. */
  readonly builtAt: number;
}

/**
 * Reads the header of a database.
 *
 * @param bytes The file, or its first {@linkcode CVD_HEADER_BYTES}.
 * @throws {SyntaxError} when there is none
 * @see ClamAV documentation, "Database Info" (File format)
 */
export function parseCvdHeader(bytes: Uint8Array): CvdHeader {
  if (bytes.length < CVD_HEADER_BYTES) throw notOne("it is too short");
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, CVD_HEADER_BYTES));
  const fields = text.replace(/[ \0\n]+$/, "").split(":");
  const [magic, built, version, signatures, functionality, md5, , builder, builtAt] = fields;
  if (magic !== "ClamAV-VDB") throw notOne("it begins in another way");
  if (fields.length < 8) throw notOne(`it has ${fields.length} fields`);
  if (!/^(?:[0-9a-f]{32}|X)$/.test(md5!)) throw notOne("its checksum is none");
  return {
    built: built!,
    version: count(version),
    signatures: count(signatures),
    functionality: count(functionality),
    md5: md5 === "X" ? undefined : md5!,
    builder: builder!,
    builtAt: builtAt ? count(builtAt) : 0,
  };
}

/**
 * The version that an increment leads to.
 *
 * @throws {SyntaxError} when `bytes` do not begin as an increment does
 */
export function parseCdiffVersion(bytes: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 40));
  const found = /^ClamAV-Diff:([1-9][0-9]{0,8}):[0-9]+:/.exec(text);
  if (!found) throw new SyntaxError("it does not begin as an increment does");
  return Number(found[1]);
}

function count(text: string | undefined): number {
  if (text === undefined || !/^[0-9]{1,15}$/.test(text)) throw notOne(`a number is none: ${text}`);
  return Number(text);
}

function notOne(found: string): SyntaxError {
  return new SyntaxError(`Cannot read the header of a database: ${found}`);
}
