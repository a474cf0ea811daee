import type { Digest } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { InputSchema } from "../../core/input_schema/input_schema.ts";
import type { VerifiedManifest } from "../../core/verification/manifest.ts";
import { InputThread } from "./input_thread.ts";

type SchemaText = NonNullable<Manifest["inputSchema"]>;

/** Schemas kept after they were read; each came in a manifest of 64 KiB at most. */
const KEPT = 32;
/** Characters of an input's JSON that are checked in some tens of milliseconds, whatever they are. */
const SHORT = 32 << 10;

/**
 * Holds inputs against what their script's manifest says of them, before anything of the script
 * runs. In the agent and not in a cell: the schema is data that is looked at step by counted step,
 * and a cell for each order would cost more than most runs. What may take long is left to a thread.
 */
export class InputChecker implements Disposable {
  /** `undefined` for those with patterns. The one used longest ago leaves first. */
  readonly #known = new Map<Digest, InputSchema | undefined>();
  readonly #thread: Pick<InputThread, "require" | typeof Symbol.dispose>;

  /** @param thread Where what may take long is checked. */
  constructor(thread: Pick<InputThread, "require" | typeof Symbol.dispose> = new InputThread()) {
    this.#thread = thread;
  }

  /**
   * @throws {VerificationError} input – the input does not fit
   * @throws {VerificationError} input_schema – the schema cannot be used
   */
  async require(
    input: unknown,
    { manifest, digest }: Pick<VerifiedManifest, "manifest" | "digest">,
  ): Promise<void> {
    const { inputSchema: schema } = manifest;
    if (schema === undefined) return;
    const isShort = (JSON.stringify(input)?.length ?? 0) <= SHORT;
    const plain = isShort ? await this.#plainSchema(digest, schema) : undefined;
    if (plain) plain.require(input);
    else await this.#thread.require({ digest, schema, input });
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }

  /** @returns Nothing when it has patterns. */
  async #plainSchema(digest: Digest, schema: SchemaText): Promise<InputSchema | undefined> {
    const read = this.#known.has(digest) ? this.#known.get(digest) : await readPlain(schema);
    this.#known.delete(digest);
    this.#known.set(digest, read);
    if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!);
    return read;
  }
}

/** Most agents order nothing that has a schema. */
async function readPlain(schema: SchemaText): Promise<InputSchema | undefined> {
  const { hasPatterns, InputSchema } = await import("../../core/input_schema/input_schema.ts");
  return hasPatterns(schema) ? undefined : await InputSchema.read(schema);
}
