import { parseHostileJson } from "../core/hostile_json.ts";
import type { Outcome } from "../core/outcome.ts";
import type { ScriptCall } from "./cell_message.ts";
import { encodeFrame, TO_CELL } from "./frame.ts";
import type { Lender } from "./lender.ts";
import type { Meter } from "./meter.ts";
import type { CallRequest } from "./run_request.ts";
import { Task, type TaskHome } from "./task.ts";

/** One call of a script's `run`. */
export class Run extends Task {
  readonly #request: CallRequest;
  readonly #lender: Lender;

  constructor(id: number, home: TaskHome, meter: Meter, request: CallRequest, wallMs: number) {
    super(id, home, meter, request, { wallMs });
    this.#request = request;
    const { attachments = [], capabilities } = request;
    this.#lender = home.lender({ attachments, capabilities, meter, task: this });
  }

  override frame(): Uint8Array {
    const { attachments = [], capabilities, facts = this.home.facts, input } = this.#request;
    const head = JSON.stringify({
      attachments: attachments.map(({ name, length, mediaType }) => ({ name, length, mediaType })),
      facts,
      offered: capabilities?.offered ?? {},
    });
    return encodeFrame(TO_CELL.RUN, `${this.id}\n${head}\n`, JSON.stringify(input) ?? "null");
  }

  override call(call: ScriptCall): void {
    this.#lender.answer(call);
  }

  /** A result is the script's own doing: one that cannot be taken is its error. */
  override answered(text: string): Outcome {
    try {
      return { outcome: "ok", result: parseHostileJson(text) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      const message = `Cannot accept the result as it ${error.message}`;
      return { outcome: "script_error", detail: { name: "RangeError", message } };
    }
  }

  protected override close(): void {}
}
