import * as v from "valibot";
import { readIfThere, writeAtomically } from "../../author/atomic_file.ts";
import { digestOf } from "../../core/digest.ts";
import { CliError } from "../errors.ts";

/** What lies beside the policy files after a command has written them; no loader reads it. */
const FILE = ".undo.json";

const undoSchema = v.array(v.strictObject({
  /** Relative to the policy folder, and nowhere else. */
  name: v.pipe(v.string(), v.regex(/^(grants\/)?[A-Za-z0-9_][A-Za-z0-9_.-]*\.yaml$/)),
  /** `null` for a file that was new. */
  before: v.nullable(v.string()),
  /** Digest of what was written. */
  after: v.string(),
}));

/** One file as it was before the last change. */
export interface Undo {
  readonly path: string;
  /** `undefined` for a file that was not there. */
  readonly text: string | undefined;
}

/** Remembers what stands in files that are about to be written. */
export async function saveUndo(
  dir: string,
  writes: readonly { path: string; text: string }[],
): Promise<void> {
  const entries = await Promise.all(writes.map(async ({ path, text }) => {
    const before = await readIfThere(path);
    return {
      name: path.slice(dir.length + 1),
      before: before === undefined ? null : new TextDecoder().decode(before),
      after: digestOf(new TextEncoder().encode(text)),
    };
  }));
  await writeAtomically(`${dir}/${FILE}`, JSON.stringify(entries), 0o600);
}

/**
 * What has to be written to have the last change back.
 *
 * @throws {CliError} refused – when there is none, or a file was changed since
 */
export async function readUndo(dir: string): Promise<Undo[]> {
  const bytes = await readIfThere(`${dir}/${FILE}`);
  const none = new CliError(
    "refused",
    "Cannot undo as no step is left: each command's change can be taken back until the next",
  );
  if (!bytes) throw none;
  let entries: v.InferOutput<typeof undoSchema>;
  try {
    entries = v.parse(undoSchema, JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new CliError("refused", `Cannot undo as "${dir}/${FILE}" is spoilt`, undefined, {
      cause,
    });
  }
  return await Promise.all(entries.map(async ({ name, before, after }) => {
    const path = `${dir}/${name}`;
    const now = await readIfThere(path);
    if (now && digestOf(now) === after) return { path, text: before ?? undefined };
    throw new CliError(
      "refused",
      `Cannot undo as "${path}" was changed since`,
      "what stood there before is in .undo.json beside it",
    );
  }));
}

/** After an undo there is nothing to undo. */
export async function forgetUndo(dir: string): Promise<void> {
  await Deno.remove(`${dir}/${FILE}`).catch(() => {});
}
