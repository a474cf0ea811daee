import { digestOf } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { AuthorError } from "../errors.ts";
import type { Release } from "./source_changes.ts";

/**
 * Puts a manifest and what it names together.
 *
 * @param read Gives the bytes that lie under a digest, or `undefined`.
 * @param shown How messages call the release.
 * @throws {AuthorError} wrong_file – when the module is missing or has another hash
 */
export async function releaseOf(
  manifest: Manifest,
  read: (digest: Digest, length: number) => Promise<Uint8Array | undefined>,
  shown: string,
): Promise<Release> {
  const right = async ({ sha256, length }: { sha256: Digest; length: number }) => {
    const bytes = await read(sha256, length);
    return bytes && digestOf(bytes) === sha256 ? bytes : undefined;
  };
  const module = await right(manifest.module);
  if (!module) {
    throw new AuthorError(
      "wrong_file",
      `Cannot compare "${shown}" as its module is missing, or is not the one in the manifest`,
    );
  }
  const sourceMap = manifest.sourceMap && await right(manifest.sourceMap);
  return { manifest, module, ...(sourceMap && { sourceMap }) };
}
