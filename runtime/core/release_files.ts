import * as v from "valibot";
import { parseCanonical } from "./canonical_json.ts";
import { countSchema, digestSchema } from "./documents/common.ts";
import { VerificationError } from "./errors.ts";
import { LIMITS } from "./limits.ts";

/** What starts a release: every list of files has it. */
export const START_FILE = "start";

/** No name that means another folder, and none that a shell or a terminal reads differently. */
const SEGMENT = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9@._+-]{1,128}";

const fileSchema = v.strictObject({
  /** Relative, with `/`. */
  path: v.pipe(
    v.string(),
    v.maxLength(512),
    v.regex(new RegExp(`^${SEGMENT}(?:/${SEGMENT})*$`), "must be a plain relative path"),
  ),
  /** Its bytes in pieces, each fetched and checked by itself; none for an empty file. */
  parts: v.pipe(
    v.array(v.strictObject({
      sha256: digestSchema,
      length: v.pipe(countSchema(1), v.maxValue(LIMITS.RELEASE_PART_BYTES)),
    })),
    v.maxLength(256),
  ),
  /** Whether it is a program. */
  executable: v.optional(v.literal(true)),
});
export type ReleaseFile = v.InferOutput<typeof fileSchema>;

const filesSchema = v.strictObject({
  files: v.pipe(v.array(fileSchema), v.minLength(1), v.maxLength(20_000)),
});

/**
 * Reads the list of a release's files, whose bytes the release names by their hash.
 *
 * @returns each path once, and none that another one would need as a folder.
 * @throws {VerificationError} not_canonical, bad_schema – when it is no such list
 */
export function parseReleaseFiles(bytes: Uint8Array): ReleaseFile[] {
  const result = v.safeParse(filesSchema, parseCanonical(bytes), { abortEarly: true });
  if (!result.success) throw badFiles(result.issues[0].message);
  const { files } = result.output;
  const paths = new Set(files.map(({ path }) => path));
  if (paths.size < files.length) throw badFiles("a path stands there twice");
  if (!paths.has(START_FILE)) throw badFiles(`"${START_FILE}" is missing`);
  for (const path of paths) {
    for (let end = path.lastIndexOf("/"); end > 0; end = path.lastIndexOf("/", end - 1)) {
      if (paths.has(path.slice(0, end))) throw badFiles("a file stands where a folder must");
    }
  }
  return files;
}

function badFiles(found: string): VerificationError {
  return new VerificationError(
    "bad_schema",
    `Cannot read the files of a release as the list is not as it must be: ${found}`,
  );
}
