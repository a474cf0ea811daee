/** What the processes of this measurement say to each other: one JSON value a line. */
export type FromHubProcess =
  | { readonly ready: { readonly url: string; readonly id: string; readonly token: string } }
  | { readonly memory: { readonly rss: number; readonly heap: number } }
  | { readonly enrolled: number }
  | { readonly rows: number };

/** What is asked of the hub's process. */
export type ToHubProcess =
  | { readonly ask: "memory" }
  | { readonly ask: "enrol"; readonly keys: readonly string[] }
  | { readonly ask: "rows"; readonly count: number };

/** What the agents of one process have done. */
export interface AgentCounts {
  readonly connected: number;
  /** Milliseconds since the epoch at which orders arrived, since the last question. */
  readonly arrived: readonly number[];
  /** Connections made in each second, by its number. */
  readonly perSecond: Readonly<Record<string, number>>;
}

/** Lines of a process, parsed. */
export async function* linesFrom<T>(stream: ReadableStream<Uint8Array>): AsyncGenerator<T> {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream() as never)) {
    const lines = (rest + part as string).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line !== "") yield JSON.parse(line);
  }
}

/** Writes one line. */
export function say(value: unknown): void {
  const bytes = new TextEncoder().encode(JSON.stringify(value) + "\n");
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}
