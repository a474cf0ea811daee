import type { RefusalCode } from "../../core/outcome.ts";

/** A run that is refused for what this node is, not for what a document says. */
export class NodeRefusal extends Error {
  override readonly name = "NodeRefusal";
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string) {
    super(message);
    this.code = code;
  }
}
