import { AgentError, messageOf } from "../errors.ts";
import { readBounded } from "./read_bounded.ts";
import type { Source } from "./source.ts";

/** A published folder on this machine, or on a share. */
export class DirectorySource implements Source {
  readonly name: string;

  constructor(folder: string) {
    this.name = folder;
  }

  async read(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const name = `${this.name}/${path}`;
    try {
      const file = await Deno.open(name, { read: true });
      return await readBounded(file.readable, maxBytes, name);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw new AgentError("source_unreachable", `Cannot read "${name}": ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}
