/** A refusal in the words of who refused; `code` is the rule. */
export class Refusal extends Error {
  readonly code: string;
  readonly hint: string | undefined;

  /** @param hints What to do next, by code. */
  constructor(code: string, message: string, hints: Readonly<Record<string, string>>) {
    super(message);
    this.code = code;
    this.hint = hints[code];
  }
}

/** What is read of an answer that refuses. */
const REFUSAL_BYTES = 10_000;

/**
 * Reads the code and the words of a refusal by an agent or a hub.
 *
 * @returns `bad_answer` for what neither of them would answer, such as a proxy before it.
 */
export async function readRefusal(
  response: Response,
  by: "agent" | "hub",
): Promise<{ code: string; message: string }> {
  const text = (await response.text()).slice(0, REFUSAL_BYTES);
  try {
    const { error } = JSON.parse(text);
    if (typeof error.code === "string") {
      return { code: error.code, message: `The ${by} refused: ${error.message}` };
    }
  } catch {
    // Told below, without the text: it may be anything.
  }
  return { code: "bad_answer", message: `The ${by} answered with status ${response.status}` };
}
