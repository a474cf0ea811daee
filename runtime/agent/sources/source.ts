/**
 * Where modules and manifests come from: a published folder, a static web server, another agent.
 * All have the same layout (see `source_layout.ts`), and nothing of what they give is trusted.
 */
export interface Source {
  /** Its address, for messages. */
  readonly name: string;
  /**
   * Reads one file.
   *
   * @param path As `source_layout.ts` makes it.
   * @param maxBytes The most it may hold.
   * @param signal Ends the reading, when nobody waits for it any more.
   * @returns `undefined` when the source does not have it.
   * @throws {AgentError} source_unreachable, source_too_large, source_redirect, source_encoding,
   *   source_deadline, source_answer
   */
  read(path: string, maxBytes: number, signal?: AbortSignal): Promise<Uint8Array | undefined>;
}
