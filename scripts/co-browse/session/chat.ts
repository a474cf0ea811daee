import type { HostMessage } from "../wire/host_message.ts";
import { SESSION_LIMITS } from "./limits.ts";

/** What was said last, for those who come later. */
export class Chat {
  readonly #lines: HostMessage[] = [];

  /** @returns What everybody is told. */
  add(from: string, text: string): HostMessage {
    const line: HostMessage = { t: "said", from, text };
    this.#lines.push(line);
    if (this.#lines.length > SESSION_LIMITS.CHAT_LINES) this.#lines.shift();
    return line;
  }

  get story(): readonly HostMessage[] {
    return this.#lines;
  }
}
