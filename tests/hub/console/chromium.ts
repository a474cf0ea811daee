import { CdpLink } from "../../../runtime/capabilities/browser/cdp/link.ts";
import { socketTransport } from "../../../runtime/capabilities/browser/cdp/socket.ts";
import { requireReal } from "../../real/require_real.ts";
import { TemporaryDir } from "../../temporary_dir.ts";

/** The option of tests that need a real browser: ignored, loudly, where there is none. */
export const withChromium = { ignore: requireReal(["chromium"]) === undefined };

const NOBODY = 65534;
const FLAGS = [
  "--headless=new",
  "--remote-debugging-port=0",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-gpu",
  "about:blank",
];

/** A Chromium as a user's own, started anew with an empty profile; its sandbox wants no root. */
export class Chromium implements AsyncDisposable {
  readonly link: CdpLink;
  readonly #child: Deno.ChildProcess;
  readonly #folder: TemporaryDir;

  private constructor(link: CdpLink, child: Deno.ChildProcess, folder: TemporaryDir) {
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
      env: { HOME: folder.path, PATH: "/usr/bin:/bin" },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const address = await debuggerAddress(child.stderr);
    return new Chromium(new CdpLink(await socketTransport(address)), child, folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.link.send("Browser.close").catch(() => {});
    this.link.close();
    await this.#child.status;
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
