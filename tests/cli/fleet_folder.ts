import { initFleet } from "../../runtime/author/init_fleet.ts";
import { type Ran, type TestIoOptions, writ } from "./test_io.ts";
import { TemporaryDir } from "../temporary_dir.ts";

/** A fleet folder as `writ init` makes it, gone when the test is over. */
export class FleetFolder implements Disposable {
  readonly #dir = new TemporaryDir();
  readonly path = this.#dir.path;

  static async make(now = Date.now()): Promise<FleetFolder> {
    const folder = new FleetFolder();
    // The port of the template may be in use on the machine that tests.
    await initFleet(folder.path, { fleet: "test", now });
    const file = `${folder.path}/policy/fleet.yaml`;
    Deno.writeTextFileSync(file, Deno.readTextFileSync(file).replace(":8799", ":0"));
    return folder;
  }

  /** Runs a command as if started in the folder. */
  writ(args: readonly string[], options: TestIoOptions = {}): Promise<Ran> {
    return writ(args, { cwd: this.path, ...options });
  }

  /** As {@linkcode writ}; must succeed. */
  async done(...args: string[]): Promise<Ran> {
    const ran = await this.writ(args);
    if (ran.exit !== 0) throw new Error(`writ ${args.join(" ")}: ${ran.stderr}${ran.stdout}`);
    return ran;
  }

  /** Packs, signs and publishes the example script. */
  async publishHello(): Promise<void> {
    await this.done("pack", "scripts/hello", "--out", "dist");
    await this.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
    await this.done("publish", "dist", "--to", "published");
  }

  file(name: string, content: string | Uint8Array): string {
    return this.#dir.file(name, content);
  }

  read(name: string): string {
    return Deno.readTextFileSync(`${this.path}/${name}`);
  }

  [Symbol.dispose](): void {
    this.#dir[Symbol.dispose]();
  }
}
