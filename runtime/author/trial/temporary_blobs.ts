import type { BlobFiles } from "../../capabilities/blob_shelf.ts";
import type { IncomingFile } from "../../capabilities/incoming_file.ts";
import { Digester } from "../../core/digest.ts";
import type { Digest } from "../../core/documents/common.ts";

/** Documents of a script that is tried, as files of a folder that goes with it. */
export class TemporaryBlobs implements BlobFiles {
  readonly #folder: string;
  #last = 0;

  /** @param folder Empty. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  receive(): IncomingFile {
    const incoming = `${this.#folder}/incoming-${++this.#last}`;
    const hash = new Digester();
    using stack = new DisposableStack();
    const file = stack.use(Deno.openSync(incoming, { write: true, createNew: true, mode: 0o600 }));
    const open = stack.move();
    let writing = Promise.resolve();
    const writeAll = async (bytes: Uint8Array) => {
      for (let done = 0; done < bytes.length;) done += await file.write(bytes.subarray(done));
    };
    let digest: Digest | undefined;
    return {
      write: (bytes) => {
        hash.update(bytes);
        return writing = writing.then(() => writeAll(bytes));
      },
      end: async () => {
        await writing;
        open.dispose();
        return { digest: digest = hash.digest(), length: hash.length };
      },
      keep: () => Deno.rename(incoming, this.#path(digest!)),
      abort: () => {
        open.dispose();
        removeQuietly(incoming);
      },
    };
  }

  /** Nobody shares with a script that is tried. */
  adopt(): never {
    throw new TypeError("Cannot take over a file of an agent's where there is none");
  }

  async open(digest: Digest): Promise<Deno.FsFile | undefined> {
    return await Deno.open(this.#path(digest)).catch(() => undefined);
  }

  async remove(digest: Digest): Promise<void> {
    await Deno.remove(this.#path(digest)).catch(() => {});
  }

  /** None are left from before. */
  async *digests(): AsyncGenerator<Digest> {}

  #path(digest: Digest): string {
    return `${this.#folder}/${digest.slice("sha256:".length)}`;
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Kept, or the folder is gone.
  }
}
