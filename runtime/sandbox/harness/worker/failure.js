// What is told of an error, and of an end that the script asks for.

import { inspect, post } from "./output.js";

// "fetch failed" says nothing: why it did, a missing right perhaps, stands in its causes.
const MAX_CAUSES = 4;
const messageOf = (error) => {
  const messages = [String(error.message)];
  let { cause } = error;
  while (cause instanceof Error && messages.length <= MAX_CAUSES) {
    messages.push(String(cause.message));
    ({ cause } = cause);
  }
  return messages.join(": ");
};
export const describe = (error) => {
  try {
    if (typeof error === "object" && error !== null && "message" in error) {
      return {
        name: String(error.name),
        message: messageOf(error),
        stack: typeof error.stack === "string" ? error.stack : undefined,
        denied: error instanceof Deno.errors.NotCapable,
      };
    }
    return { name: "Error", message: typeof error === "string" ? error : inspect(error) };
  } catch {
    return { name: "Error", message: "an error that cannot be read" };
  }
};

// Deno ends only the worker here and tells nobody, so say it first.
const leave = (end) => (code = 0) => {
  post({ t: "exit", code: Number(code) | 0 });
  end();
};
const close = self.close.bind(self);
self.close = leave(close);
Deno.exit = leave(close);
