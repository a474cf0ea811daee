import { MODULE_MEDIA_TYPES } from "../core/documents/manifest.ts";
import { AuthorError } from "./errors.ts";

type MediaType = (typeof MODULE_MEDIA_TYPES)[number];

const MEDIA_TYPES: Readonly<Record<string, MediaType>> = {
  ts: "application/typescript",
  mts: "application/typescript",
  js: "text/javascript",
  mjs: "text/javascript",
};

/**
 * The media type of a module, by its name.
 *
 * @throws {AuthorError} module_name – when the name ends in none of `.ts`, `.mts`, `.js`, `.mjs`
 */
export function mediaTypeOf(file: string): MediaType {
  const extension = /\.([a-z]+)$/.exec(file)?.[1] ?? "";
  if (Object.hasOwn(MEDIA_TYPES, extension)) return MEDIA_TYPES[extension]!;
  throw new AuthorError(
    "module_name",
    `Cannot use "${file}" as a module as its name ends in none of .ts, .mts, .js and .mjs`,
    extension === "tsx" || extension === "jsx"
      ? "a script is plain TypeScript, without JSX"
      : undefined,
  );
}
