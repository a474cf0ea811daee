import type { Digest } from "../../../core/documents/common.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";

/** Characters of a module that a page shows. */
const SHOWN = 512_000;
/** A module as it was hashed; undefined when it is not there, too long to show, or no text. */
export async function sourceText(
  scripts: ConsoleParts["scripts"],
  tenant: string,
  sha256: Digest,
): Promise<string | undefined> {
  try {
    const bytes = await scripts.module(tenant, sha256);
    if (bytes.length > SHOWN) return undefined;
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof HubError || error instanceof TypeError) return undefined;
    throw error;
  }
}
