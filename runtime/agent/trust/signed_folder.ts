import type { DocumentKind } from "../../core/dsse.ts";
import { ENVELOPE_BYTES } from "../../core/dsse.ts";
import { AgentError, messageOf } from "../errors.ts";
import { readBounded } from "../sources/read_bounded.ts";

/** A signed document as it lies in a folder. */
export interface SignedFile {
  version: number;
  envelope: Uint8Array;
}

/**
 * Reads the files `<kind>.<version>.json` of a folder whose version is higher than `after`,
 * lowest first. None of them is trusted yet.
 *
 * @throws {AgentError} policy – the folder or a file cannot be read, or is too large.
 */
export async function readSignedFiles(
  folder: string,
  kind: DocumentKind,
  after: number,
): Promise<SignedFile[]> {
  const versions: number[] = [];
  const form = new RegExp(`^${kind}\\.([1-9]\\d{0,8})\\.json$`);
  try {
    for await (const { name } of Deno.readDir(folder)) {
      const version = Number(form.exec(name)?.[1] ?? 0);
      if (version > after) versions.push(version);
    }
    versions.sort((a, b) => a - b);
    return await Promise.all(versions.map(async (version) => {
      const name = `${folder}/${kind}.${version}.json`;
      const file = await Deno.open(name, { read: true });
      return { version, envelope: await readBounded(file.readable, ENVELOPE_BYTES[kind], name) };
    }));
  } catch (error) {
    throw new AgentError("policy", `Cannot read the signed lists: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
