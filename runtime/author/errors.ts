import { HintedError } from "../core/coded_error.ts";

/** Why something could not be made for publication. */
export type AuthorCode =
  /** The file is neither TypeScript nor JavaScript by its name. */
  | "module_name"
  /** `manifest.yaml` is missing. */
  | "no_manifest"
  /** The module that `manifest.yaml` names is missing. */
  | "no_module"
  /** A script's folder holds no tests. */
  | "no_tests"
  /** A folder for a new script is there already, or its name is none. */
  | "new_script"
  /** Several files cannot be made one module; every mistake is told with its place. */
  | "bundle"
  /** A version that is published already would get other bytes. */
  | "version_published"
  /** A release with this sequence, or a higher one, is published already. */
  | "sequence_published"
  /** The file is not one of ours, or not of the kind that was asked for. */
  | "wrong_file"
  /** An `ssh-agent` is not there, or does not sign. */
  | "ssh_agent"
  /** A private key may be read by others than its owner. */
  | "key_readable"
  /** A key file would have to be replaced, and never is. */
  | "key_exists"
  /** A fleet folder is there already. */
  | "fleet_exists";

/** A failure on the author's side; refusals by the rules are `VerificationError`s. */
export class AuthorError extends HintedError<AuthorCode> {
  override readonly name = "AuthorError";
}
