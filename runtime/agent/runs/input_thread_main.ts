/**
 * The other side of {@linkcode InputThread}: holds inputs against schemas, one after another.
 *
 * @module
 */
import type { Digest } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import type { VerificationCode } from "../../core/errors.ts";
import { VerificationError } from "../../core/errors.ts";
import { InputSchema } from "../../core/input_schema/input_schema.ts";

/** An input to be held against a manifest's schema. */
export interface InputQuestion {
  readonly id: number;
  /** The manifest's. */
  readonly digest: Digest;
  readonly schema: NonNullable<Manifest["inputSchema"]>;
  readonly input: unknown;
}

/** What is wrong with it, or with the schema; nothing when it fits. */
export interface InputAnswer {
  readonly id: number;
  readonly fault?: { readonly code: VerificationCode; readonly message: string };
}

/** Schemas kept after they were read, and what made others unusable. */
const KEPT = 32;

const thread = self as unknown as {
  onmessage: (event: MessageEvent<InputQuestion>) => void;
  postMessage(answer: InputAnswer): void;
};

/** The one used longest ago leaves first. */
const known = new Map<Digest, Promise<InputSchema>>();

function schemaOf({ digest, schema }: InputQuestion): Promise<InputSchema> {
  const read = known.get(digest) ?? InputSchema.read(schema);
  known.delete(digest);
  known.set(digest, read);
  if (known.size > KEPT) known.delete(known.keys().next().value!);
  return read;
}

thread.onmessage = async ({ data: question }) => {
  const { id, input } = question;
  try {
    (await schemaOf(question)).require(input);
    thread.postMessage({ id });
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const { code, message } = error;
    thread.postMessage({ id, fault: { code, message } });
  }
};
