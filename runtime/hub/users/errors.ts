import { CodedError } from "../../core/coded_error.ts";

/** Why something about a user, a session or a token was refused. */
export type UserCode =
  /** The name is empty, too long, or has characters that no name may have. */
  | "bad_name"
  /** Another user of the tenant has the name. */
  | "name_taken"
  /** The password is too short, too long, or the user's name. */
  | "weak_password"
  /** No such user, invitation, session or passkey in this tenant. */
  | "not_found"
  /** Name or password is wrong, or there is no such user: which of them is not told. */
  | "bad_credentials"
  /** Without a password, what outlives a session needs one that has just begun. */
  | "sign_in_again"
  /** Too many attempts failed for this name or from this address. */
  | "too_many_attempts"
  /** The tenant would be left without anybody who can manage its users. */
  | "last_admin"
  /** The passkey's answer does not verify, or its challenge is not open. */
  | "bad_passkey"
  /** More passkeys than one user may have. */
  | "too_many_passkeys";

/** A refusal. `code` and message are safe to show to whoever asked. */
export class UserError extends CodedError<UserCode> {
  override readonly name = "UserError";
  /** Of `too_many_attempts`: after how many seconds another one may be made. */
  readonly waitSeconds: number | undefined;

  constructor(
    code: UserCode,
    message: string,
    options: ErrorOptions & { waitSeconds?: number } = {},
  ) {
    super(code, message, options);
    this.waitSeconds = options.waitSeconds;
  }
}
