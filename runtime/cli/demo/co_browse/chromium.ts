import { CdpLink } from "../../../capabilities/browser/cdp/link.ts";
import { socketTransport } from "../../../capabilities/browser/cdp/socket.ts";
import { Page } from "./page.ts";

/** Where Debian and others put it. */
const PROGRAMS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const NOBODY = 65534;
const START_MS = 20_000;

/** Finds a Chromium on this machine. */
export async function findChromium(): Promise<string | undefined> {
  for (const path of PROGRAMS) {
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  return undefined;
}

/**
 * A Chromium that somebody has started for a session: without a window, with a profile of its own,
 * and a debugging port on loopback, by which the agent attaches to it and a script plays the person.
 */
export class PersonsChromium implements AsyncDisposable {
  /** As a grant names it. */
  readonly address: string;
  readonly #child: Deno.ChildProcess;
  readonly #link: CdpLink;
  readonly #profile: string;

  private constructor(
    child: Deno.ChildProcess,
    { profile, address, link }: { profile: string; address: string; link: CdpLink },
  ) {
    this.#child = child;
    this.#profile = profile;
    this.address = address;
    this.#link = link;
  }

  /** @param folder For its profile; its user must be able to pass through. */
  static async start(folder: string): Promise<PersonsChromium> {
    const program = await findChromium();
    if (!program) throw new Error("no Chromium is installed here");
    const profile = await Deno.makeTempDir({ dir: folder, prefix: "chromium-" });
    const user = Deno.uid() === 0 ? NOBODY : undefined;
    if (user !== undefined) await Deno.chown(profile, user, user);
    const child = new Deno.Command("/usr/bin/setpriv", {
      args: [
        ...(user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"]),
        "--no-new-privs",
        "--pdeathsig=KILL",
        program,
        ...FLAGS,
        `--user-data-dir=${profile}`,
        "about:blank",
      ],
      clearEnv: true,
      env: { HOME: profile, TMPDIR: profile, PATH: "/usr/bin:/bin" },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      const address = `127.0.0.1:${await portOf(profile)}`;
      const link = new CdpLink(await socketTransport(address));
      return new PersonsChromium(child, { profile, address, link });
    } catch (error) {
      child.kill("SIGKILL");
      await child.status;
      throw error;
    }
  }

  /** The page at an address, as soon as there is one. */
  async pageAt(url: string): Promise<Page> {
    return await Page.attach(this.#link, (target) => target.url.startsWith(url));
  }

  /** Where its pages are. */
  async urls(): Promise<string[]> {
    const { targetInfos } = await this.#link.send("Target.getTargets", {});
    return targetInfos.filter(({ type, url }) => type === "page" && url !== "about:blank")
      .map(({ url }) => url);
  }

  /** A page of one's own. */
  async open(url: string, size: { width: number; height: number }): Promise<Page> {
    const { targetId } = await this.#link.send("Target.createTarget", { url });
    const page = await Page.attach(this.#link, (target) => target.targetId === targetId);
    await page.resize(size);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#link.close();
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    // Its last processes may still write there as they end.
    for (let tries = 0; tries < 50; tries++) {
      const done = await Deno.remove(this.#profile, { recursive: true }).then(
        () => true,
        () => false,
      );
      if (done) return;
      await pause(100);
    }
  }
}

const FLAGS = [
  "--headless=new",
  "--disable-gpu",
  "--remote-debugging-port=0",
  "--no-first-run",
  "--no-default-browser-check",
  "--password-store=basic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-extensions",
  "--disable-backgrounding-occluded-windows",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
];

/** Chromium writes down where it listens. */
async function portOf(profile: string): Promise<number> {
  const late = Date.now() + START_MS;
  while (Date.now() < late) {
    const text = await Deno.readTextFile(`${profile}/DevToolsActivePort`).catch(() => "");
    if (/^\d+\n/.test(text)) return parseInt(text);
    await pause(50);
  }
  throw new Error("Chromium does not start");
}

/** Looks again a little later. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
