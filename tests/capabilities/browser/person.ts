import { CdpLink } from "../../../runtime/capabilities/browser/cdp/link.ts";
import { socketTransport } from "../../../runtime/capabilities/browser/cdp/socket.ts";

const PROGRAM = "/usr/bin/chromium";
const NOBODY = 65534;

/**
 * A Chromium that somebody has started, with a debugging port on loopback for an agent to attach to,
 * and the person who sits before it: their clicks and keys are real input.
 */
export class Person implements AsyncDisposable {
  /** For `attach:` in a grant. */
  readonly address: string;
  readonly link: CdpLink;
  readonly #child: Deno.ChildProcess;
  readonly #profile: string;

  private constructor(address: string, link: CdpLink, child: Deno.ChildProcess, profile: string) {
    this.address = address;
    this.link = link;
    this.#child = child;
    this.#profile = profile;
  }

  static async start(): Promise<Person> {
    const profile = await Deno.makeTempDir({ prefix: "writ-person-" });
    const isRoot = Deno.uid() === 0;
    if (isRoot) await Deno.chown(profile, NOBODY, NOBODY);
    const child = new Deno.Command(PROGRAM, {
      args: [
        "--headless=new",
        "--disable-gpu",
        "--remote-debugging-port=0",
        `--user-data-dir=${profile}`,
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "about:blank",
      ],
      ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
      clearEnv: true,
      cwd: "/",
      env: { HOME: profile, PATH: "/usr/bin:/bin", TMPDIR: profile },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const port = await portOf(child);
    const address = `127.0.0.1:${port}`;
    const link = new CdpLink(await socketTransport(address));
    return new Person(address, link, child, profile);
  }

  /** The page at an address, as the person has it before them. */
  async at(url: string): Promise<PersonsPage> {
    const late = AbortSignal.timeout(30_000);
    while (true) {
      const { targetInfos } = await this.link.send("Target.getTargets");
      const found = targetInfos.find((target) => target.type === "page" && target.url === url);
      if (found) {
        const { targetId } = found;
        const flat = await this.link.send("Target.attachToTarget", { targetId, flatten: true });
        return new PersonsPage(this.link, flat.sessionId);
      }
      late.throwIfAborted();
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** As when it crashes. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.link.close();
    try {
      this.kill();
    } catch {
      // It was killed before.
    }
    await this.#child.status;
    await Deno.remove(this.#profile, { recursive: true }).catch(() => {});
  }
}

/** One page, with somebody's hands on it. */
export class PersonsPage {
  readonly #link: CdpLink;
  readonly #session: string;

  constructor(link: CdpLink, session: string) {
    this.#link = link;
    this.#session = session;
  }

  async evaluate<T = unknown>(expression: string): Promise<T> {
    const params = { expression, returnByValue: true, awaitPromise: true };
    return (await this.#link.send("Runtime.evaluate", params, this.#session)).result.value;
  }

  async click(selector: string): Promise<void> {
    const at = await this.evaluate<{ x: number; y: number }>(`(() => {
      const { x, y, width, height } = document.querySelector(${
      JSON.stringify(selector)
    }).getBoundingClientRect();
      return { x: x + width / 2, y: y + height / 2 };
    })()`);
    for (const type of ["mousePressed", "mouseReleased"] as const) {
      const params = { type, ...at, button: "left" as const, clickCount: 1 };
      await this.#link.send("Input.dispatchMouseEvent", params, this.#session);
    }
  }

  async type(text: string): Promise<void> {
    for (const key of text) {
      const down = { type: "keyDown" as const, key, text: key };
      await this.#link.send("Input.dispatchKeyEvent", down, this.#session);
      await this.#link.send("Input.dispatchKeyEvent", { type: "keyUp", key }, this.#session);
    }
  }

  async wheel(deltaY: number): Promise<void> {
    const params = { type: "mouseWheel" as const, x: 200, y: 200, deltaX: 0, deltaY };
    await this.#link.send("Input.dispatchMouseEvent", params, this.#session);
  }
}

/** Chromium says it on stderr; the rest is read so that it never waits for a reader. */
async function portOf(child: Deno.ChildProcess): Promise<number> {
  const found = Promise.withResolvers<number>();
  (async () => {
    let text = "";
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) {
      text = (text + part).slice(-10_000);
      const port = /DevTools listening on ws:\/\/127\.0\.0\.1:([0-9]+)\//.exec(text)?.[1];
      if (port) found.resolve(Number(port));
    }
    found.reject(new Error(`Chromium has ended: ${text}`));
  })();
  return await found.promise;
}
