/**
 * What an author does before a script is anybody else's: try, pack, sign, publish. No function
 * here knows the process it runs in, so that demos and tests use them as the command line does.
 *
 * @module
 */

export { type AttachmentFile, documentTypeOf, openAttachment } from "./attachment_file.ts";
export { type AuthorCode, AuthorError } from "./errors.ts";
export { mediaTypeOf } from "./module_file.ts";
export {
  type LocalModule,
  type TryLog,
  type TryOptions,
  type TryReport,
  tryScript,
} from "./try_script.ts";
