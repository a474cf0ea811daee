import { CVD_HEADER_BYTES } from "./cvd_header.ts";
import type { DatabaseFile } from "./database_file.ts";

/** The names stand at the beginning: bytes that are looked at, packed and unpacked. */
const PACKED_BYTES = 128 << 10;
const UNPACKED_BYTES = 1 << 20;
/** What is unpacked in one go, as that has no bound of its own: it becomes 1,000 times as much. */
const STEP_BYTES = 512;
const TAR_BLOCK = 512;

/**
 * Which database a file of the vendor's belongs to, by the names in it: neither its header nor the
 * vendor's signature says so, and a signed file of one database would pass for another's.
 *
 * @param stream The file from its beginning.
 * @returns nothing where no name tells
 */
export async function databaseInside(
  { kind }: DatabaseFile,
  stream: ReadableStream<Uint8Array>,
): Promise<string | undefined> {
  if (kind !== "whole" && kind !== "increment") return undefined;
  const beginning = await firstBytes(stream, PACKED_BYTES);
  const bytes = await unpacked(beginning.subarray(headerBytes(kind, beginning)));
  const names = kind === "whole" ? membersOf(bytes) : openedBy(bytes);
  // Other names, as of bytecode's programs, are numbers.
  return names.map((name) => /^([a-z][a-z0-9_]*)\.[a-z]+$/.exec(name)?.[1]).find(Boolean);
}

/** Names in as much of an archive as is here. */
function membersOf(archive: Uint8Array): string[] {
  const names: string[] = [];
  for (let at = 0; at + TAR_BLOCK <= archive.length;) {
    const header = new TextDecoder("latin1").decode(archive.subarray(at, at + TAR_BLOCK));
    const name = header.slice(0, 100).replace(/\0.*$/s, "");
    if (name === "") break;
    names.push(name);
    const length = parseInt(header.slice(124, 136), 8) || 0;
    at += TAR_BLOCK * (1 + Math.ceil(length / TAR_BLOCK));
  }
  return names;
}

/** Names of the files that an increment changes. */
function openedBy(bytes: Uint8Array): string[] {
  const text = new TextDecoder("latin1").decode(bytes);
  return [...text.matchAll(/^OPEN (\S{1,100})$/gm)].map(([, name]) => name!);
}

/** That of an increment ends with its third colon. */
function headerBytes(kind: "whole" | "increment", bytes: Uint8Array): number {
  if (kind === "whole") return CVD_HEADER_BYTES;
  const text = new TextDecoder("latin1").decode(bytes.subarray(0, 64));
  return /^(?:[^:]*:){3}/.exec(text)?.[0].length ?? 0;
}

/** As much as there is room for; nothing more where somebody packed badly. */
async function unpacked(packed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const gzip = new DecompressionStream("gzip");
  const bytes = firstBytes(gzip.readable, UNPACKED_BYTES);
  const writer = gzip.writable.getWriter();
  try {
    for (let at = 0; at < packed.length; at += STEP_BYTES) {
      await writer.write(packed.subarray(at, at + STEP_BYTES));
    }
    await writer.close();
  } catch {
    // There is enough, or no more.
  }
  return await bytes;
}

async function firstBytes(
  stream: ReadableStream<Uint8Array>,
  most: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(most);
  let filled = 0;
  try {
    for await (const chunk of stream) {
      const part = chunk.subarray(0, most - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (filled === most) break;
    }
  } catch {
    // What came before it broke is what there is.
  }
  return bytes.subarray(0, filled);
}
