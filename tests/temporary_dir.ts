import { realpathSync } from "node:fs";

/** A folder that is gone when the test is over. */
export class TemporaryDir implements Disposable {
  readonly path = realpathSync(Deno.makeTempDirSync({ prefix: "writ-test-" }));

  /** Writes a file, with its folders, and returns its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = `${this.path}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(
      path,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
    return path;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}
