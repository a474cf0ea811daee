import type { AttachmentHandle, Context } from "writ";

/** What a script told the agent. */
export interface Heard {
  readonly log: string[];
  readonly events: { name: string; data: unknown }[];
  readonly progress: number[];
}

export interface FakeContextOptions {
  readonly signal?: AbortSignal;
  /** Called at each event, as an orderer who follows the run would be. */
  readonly onEvent?: (name: string, data: unknown) => void;
  /** Called at each line of the log. */
  readonly onLog?: () => void;
}

/** A context without an agent, and what was said to it. */
export function fakeContext(
  attachments: readonly AttachmentHandle[],
  options: FakeContextOptions = {},
): { ctx: Context; heard: Heard } {
  const heard: Heard = { log: [], events: [], progress: [] };
  const log = (...args: unknown[]) => {
    heard.log.push(args.map(String).join(" "));
    options.onLog?.();
  };
  const ctx: Context = {
    signal: options.signal ?? new AbortController().signal,
    log: { debug: log, info: log, warn: log, error: log },
    attachments,
    script: { publisher: "acme", name: "print", version: "1.0.0" },
    agent: { id: "agent" },
    run: { id: 1, orderer: "operator", attempt: 1 },
    schedule: () => Promise.reject(new Error("nothing is scheduled here")),
    unschedule: () => Promise.resolve(false),
    progress: (fraction) => void heard.progress.push(fraction),
    emit(name, data) {
      heard.events.push({ name, data });
      options.onEvent?.(name, data);
    },
  };
  return { ctx, heard };
}

/** An attachment that is read in pieces of `pieceBytes`. */
export function attachment(
  name: string,
  mediaType: string,
  content: Uint8Array<ArrayBuffer>,
  pieceBytes = 65_536,
): AttachmentHandle {
  return {
    name,
    mediaType,
    length: content.length,
    bytes: () => Promise.resolve(content),
    stream: () =>
      ReadableStream.from((function* () {
        for (let at = 0; at < content.length; at += pieceBytes) {
          yield content.subarray(at, at + pieceBytes);
        }
      })()),
  };
}
