/** Why an order was not carried out. */
export type CoBrowseCode =
  /** The grant lends no browser, or no channel. */
  | "not_lent"
  /** This agent shares, or follows, a browser already. */
  | "busy"
  /** This agent shares no browser, or follows none. */
  | "no_session"
  /** The order says something that cannot be meant. */
  | "bad_input";

/** An order that was not carried out. */
export class CoBrowseError extends Error {
  override readonly name = "CoBrowseError";
  readonly code: CoBrowseCode;

  constructor(code: CoBrowseCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
