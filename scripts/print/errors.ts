/** Why a document was not printed. */
export type PrintCode =
  /** The input, or the number of documents, is not what the script takes. */
  | "bad_input"
  /** The grant's settings are not what the script takes, or name no such queue. */
  | "bad_settings"
  /** The printer does not offer what was asked for. */
  | "unsupported"
  /** The printer cannot be reached, or did not answer in time. */
  | "unavailable"
  /** The answer is not IPP, is too large, or answers something else. */
  | "bad_answer"
  /** The printer answered that it will not. */
  | "refused"
  /** The queue, or this user's part of it, is full. */
  | "full";

/** What the script throws; `code` is stable. */
export class PrintError extends Error {
  override readonly name = "PrintError";
  readonly code: PrintCode;

  constructor(code: PrintCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
