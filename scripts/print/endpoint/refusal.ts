import type { IppAttributes } from "../ipp/message.ts";

/** A request that is answered with no. */
export class IppRefusal extends Error {
  override readonly name = "IppRefusal";
  /** A status code (RFC 8011, "Status-Code Values"). */
  readonly code: number;
  /** What of the request was not taken. */
  readonly unsupported: IppAttributes;

  constructor(code: number, message: string, unsupported: IppAttributes = new Map()) {
    super(message);
    this.code = code;
    this.unsupported = unsupported;
  }
}
