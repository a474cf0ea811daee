import { CodedError } from "../core/coded_error.ts";

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
export class CellError extends CodedError<CellErrorCode> {
  override readonly name = "CellError";
}
