import { CdpLink } from "../runtime/capabilities/browser/cdp/link.ts";
import { socketTransport } from "../runtime/capabilities/browser/cdp/socket.ts";
import { processesOf } from "./capabilities/browser/processes.ts";
import { TemporaryDir } from "./temporary_dir.ts";
import { within } from "./within.ts";

const NOBODY = 65534;
const FLAGS = [
  "--headless=new",
  "--disable-gpu",
  "--remote-debugging-port=0",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "about:blank",
];

/** A Chromium as a user's own, with an empty profile and a debugging port; its sandbox wants no root. */
export class Chromium implements AsyncDisposable {
  /** Of its port: as `attach` in a grant names it. */
  readonly address: string;
  readonly link: CdpLink;
  readonly #child: Deno.ChildProcess;
  readonly #folder: TemporaryDir;

  private constructor(
    address: string,
    link: CdpLink,
    { child, folder }: { child: Deno.ChildProcess; folder: TemporaryDir },
  ) {
    this.address = address;
    this.link = link;
    this.#child = child;
    this.#folder = folder;
  }

  static async start(): Promise<Chromium> {
    const folder = new TemporaryDir();
    const user = Deno.uid() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if (user.uid !== undefined) await Deno.chown(folder.path, user.uid, user.gid);
    const child = new Deno.Command("/usr/bin/chromium", {
      args: [`--user-data-dir=${folder.path}/profile`, ...FLAGS],
      ...user,
      cwd: "/",
      clearEnv: true,
      env: { HOME: folder.path, PATH: "/usr/bin:/bin", TMPDIR: folder.path },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const address = await within(debuggerAddress(child.stderr), "the address of a Chromium");
    const link = new CdpLink(await socketTransport(address));
    return new Chromium(address, link, { child, folder });
  }

  /** As when it crashes. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Leaves neither processes nor files. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.link.close();
    try {
      this.kill();
    } catch {
      // It was killed before.
    }
    await this.#child.status;
    await processesOf(this.#folder.path, 0);
    this.#folder[Symbol.dispose]();
  }
}

/** The browser says on its error output where it can be driven; the rest of that is thrown away. */
async function debuggerAddress(stderr: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const [said, rest] = stderr.tee();
  rest.pipeTo(new WritableStream()).catch(() => {});
  let text = "";
  for await (const chunk of said.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const [, address] = /DevTools listening on ws:\/\/([^/\s]+)\//.exec(text) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`Chromium did not start: ${text}`);
}
