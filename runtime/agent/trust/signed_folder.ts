import { type DocumentKind, ENVELOPE_BYTES } from "../../core/dsse.ts";
import { VerificationError } from "../../core/errors.ts";
import { AgentError, messageOf } from "../errors.ts";
import { readBounded } from "../sources/read_bounded.ts";

/**
 * Reads the files `<kind>.<version>.json` of a folder whose version is higher than `after`,
 * lowest first. None of them is trusted yet.
 *
 * @param most How many to read; what lies above them is left.
 * @throws {VerificationError} too_large – a file is longer than its kind may be.
 * @throws {AgentError} policy – the folder or a file cannot be read.
 */
export async function readSignedFiles(
  folder: string,
  kind: DocumentKind,
  after: number,
  most: number,
): Promise<Uint8Array[]> {
  return await reading(async () => {
    const envelopes: Uint8Array[] = [];
    for (const version of (await versionsIn(folder, kind, after)).slice(0, most)) {
      envelopes.push(await readOne(folder, kind, version));
    }
    return envelopes;
  });
}

/**
 * Reads the file of the highest version and no other, so that old ones cost nothing and cannot
 * stand in its way.
 *
 * @throws {VerificationError} too_large – the file is longer than its kind may be.
 * @throws {AgentError} policy – the folder or the file cannot be read.
 */
export async function readNewestSignedFile(
  folder: string,
  kind: DocumentKind,
): Promise<Uint8Array | undefined> {
  return await reading(async () => {
    const version = (await versionsIn(folder, kind, 0)).at(-1);
    return version === undefined ? undefined : await readOne(folder, kind, version);
  });
}

async function versionsIn(folder: string, kind: DocumentKind, after: number): Promise<number[]> {
  const versions: number[] = [];
  const form = new RegExp(`^${kind}\\.([1-9]\\d{0,8})\\.json$`);
  for await (const { name } of Deno.readDir(folder)) {
    const version = Number(form.exec(name)?.[1] ?? 0);
    if (version > after) versions.push(version);
  }
  return versions.sort((a, b) => a - b);
}

async function readOne(folder: string, kind: DocumentKind, version: number): Promise<Uint8Array> {
  const name = `${folder}/${kind}.${version}.json`;
  const file = await Deno.open(name, { read: true });
  try {
    return await readBounded(file.readable, ENVELOPE_BYTES[kind], name);
  } catch (error) {
    if (!(error instanceof AgentError && error.code === "source_too_large")) throw error;
    throw new VerificationError("too_large", error.message, { cause: error });
  }
}

async function reading<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof VerificationError) throw error;
    throw new AgentError("policy", `Cannot read the signed lists: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
