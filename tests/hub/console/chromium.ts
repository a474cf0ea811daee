import { CdpLink } from "../../../runtime/capabilities/browser/cdp/link.ts";
import { socketTransport } from "../../../runtime/capabilities/browser/cdp/socket.ts";
import { requireReal } from "../../real/require_real.ts";
import { TemporaryDir } from "../../temporary_dir.ts";
import { within } from "../../within.ts";

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
  readonly #started: AsyncDisposableStack;

  private constructor(link: CdpLink, started: AsyncDisposableStack) {
    this.link = link;
    this.#started = started;
  }

  static async start(): Promise<Chromium> {
    await using starting = new AsyncDisposableStack();
    const folder = starting.use(new TemporaryDir());
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
    starting.defer(() => ended(child));
    const address = await within(debuggerAddress(child.stderr), "Chromium's address");
    const link = new CdpLink(await socketTransport(address));
    starting.defer(async () => {
      await link.send("Browser.close").catch(() => {});
      link.close();
      await within(child.status, "the end of Chromium").catch(() => {});
    });
    return new Chromium(link, starting.move());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#started.disposeAsync();
  }
}

/** By force where it did not end by itself. */
async function ended(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
  await child.status;
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
