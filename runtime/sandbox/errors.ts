/** Why no cell could be had: always the node's doing, never the script's. */
export type CellErrorCode =
  /** The Deno binary cannot be run by the cells' user. */
  | "no_deno"
  /** The empty cell's size could not be measured. */
  | "calibration"
  /** A cell for work of the node's own did not come up. */
  | "not_started"
  /** The sandbox was closed. */
  | "closed";

/** No cell could be had; `code` is stable. */
export class CellError extends Error {
  override readonly name = "CellError";
  readonly code: CellErrorCode;

  constructor(code: CellErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
