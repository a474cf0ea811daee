/**
 * What an author does before a script is anybody else's: try, pack, sign, publish. No function
 * here knows the process it runs in, so that demos and tests use them as the command line does.
 *
 * @module
 */

export { type AttachmentFile, documentTypeOf, openAttachment } from "./attachment_file.ts";
export { readIfThere, writeAtomically } from "./atomic_file.ts";
export { parsersFor } from "./cell_parsers.ts";
export { seeDocument, type SeenDocument } from "./document_kind.ts";
export { type AuthorCode, AuthorError } from "./errors.ts";
export { initFleet, type NewFleet } from "./init_fleet.ts";
export {
  inspectManifest,
  inspectModule,
  type InspectOptions,
  inspectOrder,
  inspectPayload,
  inspectUnknown,
  type Step,
} from "./inspect.ts";
export { readSigner, writeNewKey, type WrittenKey } from "./key_file.ts";
export { makeOrder, ORDER_LIFETIME_MS, type OrderOptions, type SignedOrder } from "./make_order.ts";
export { type LogLine, logLineOf } from "./log_line.ts";
export { type ManifestFile, parseManifestFile } from "./manifest_file.ts";
export { mediaTypeOf } from "./module_file.ts";
export { manifestFileSchema } from "./manifest_schema.ts";
export { type NewScript, newScript, writeTypes } from "./new_script.ts";
export { type PackedScript, type PackOptions, packScript } from "./pack_script.ts";
export { type Published, publishTo, type SignedScript } from "./publish.ts";
export { messageToSign, signDocument, type SignedDocument } from "./sign_document.ts";
export { publicKeyFromSsh, SshAgent } from "./ssh_agent.ts";
export {
  type LocalModule,
  type TrialEndpoint,
  tryEndpoint,
  type TryOptions,
  type TryReport,
  tryScript,
} from "./try_script.ts";
export {
  type TestOptions,
  type TestReport,
  type TestResult,
  testScript,
} from "./testing/test_script.ts";
