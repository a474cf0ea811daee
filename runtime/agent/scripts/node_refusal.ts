import type { RefusalCode } from "../../core/outcome.ts";
import { CodedError } from "../../core/coded_error.ts";

/** A run that is refused for what this node is, not for what a document says. */
export class NodeRefusal extends CodedError<RefusalCode> {
  override readonly name = "NodeRefusal";
}
