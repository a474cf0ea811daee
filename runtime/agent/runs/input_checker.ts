import type { Digest } from "../../core/documents/common.ts";
import type { InputSchema } from "../../core/input_schema/input_schema.ts";
import type { VerifiedManifest } from "../../core/verification/manifest.ts";

/** Schemas kept after they were read; each came in a manifest of 64 KiB at most. */
const KEPT = 32;

/**
 * Holds inputs against what their script's manifest says of them, before anything of the script
 * runs. In the agent and not in a cell: the schema is data that is looked at step by counted step,
 * and a cell for each order would cost more than most runs.
 */
export class InputChecker {
  /** The one used longest ago leaves first. */
  readonly #known = new Map<Digest, InputSchema>();

  /**
   * @throws {VerificationError} input – the input does not fit
   * @throws {VerificationError} input_schema – the schema cannot be used
   */
  async require(
    input: unknown,
    { manifest, digest }: Pick<VerifiedManifest, "manifest" | "digest">,
  ): Promise<void> {
    if (manifest.inputSchema === undefined) return;
    const schema = this.#known.get(digest) ?? await readSchema(manifest.inputSchema);
    this.#known.delete(digest);
    this.#known.set(digest, schema);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
    schema.require(input);
  }
}

/** Most agents order nothing that has a schema. */
async function readSchema(text: Parameters<typeof InputSchema.read>[0]): Promise<InputSchema> {
  const { InputSchema } = await import("../../core/input_schema/input_schema.ts");
  return await InputSchema.read(text);
}
