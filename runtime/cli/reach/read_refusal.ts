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
