import { AgentError, messageOf } from "../errors.ts";
import { type AuditHead, parseHead } from "./audit_head.ts";

/**
 * The signed head that was copied beside the database.
 *
 * @returns `undefined` when there is no such file.
 * @throws {AgentError} state_unreadable – the file cannot be read, or holds something else.
 */
export function readHeadFile(path: string): AuditHead | undefined {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw new AgentError("state_unreadable", `Cannot read "${path}": ${messageOf(error)}`, {
      cause: error,
    });
  }
  const head = parseHead(text);
  if (head) return head;
  throw new AgentError("state_unreadable", `Cannot read "${path}" as it is no audit head of ours`);
}
