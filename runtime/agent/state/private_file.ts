import { OPEN_TO_OTHERS } from "../../core/file_mode.ts";
import { AgentError, messageOf } from "../errors.ts";
import { writeDurably } from "./durable_write.ts";

/** A key or a token is a few hundred bytes; what is longer is another file. */
const PRIVATE_FILE_BYTES = 65_536;

/**
 * Reads a secret that only the agent's user may read, or makes it the first time.
 *
 * @param make Called when the file is missing; what it returns is stored with mode 0600.
 * @throws {AgentError} key_unreadable – the file cannot be read, or others may read it.
 * @throws {AgentError} disk_full – a new one cannot be stored.
 */
export function readPrivateFile(path: string, make: () => string): string {
  try {
    const { mode, size } = Deno.statSync(path);
    if (mode !== null && Deno.build.os !== "windows" && mode & OPEN_TO_OTHERS) {
      throw new AgentError("key_unreadable", `Cannot use "${path}" as others may read it`);
    }
    if (size > PRIVATE_FILE_BYTES) {
      throw new AgentError(
        "key_unreadable",
        `Cannot use "${path}" as it is longer than ${PRIVATE_FILE_BYTES} bytes: ${size}`,
      );
    }
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof AgentError) throw error;
    if (!(error instanceof Deno.errors.NotFound)) {
      throw new AgentError("key_unreadable", `Cannot read "${path}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
  const content = make();
  writeDurably(path, content, 0o600);
  return content;
}
