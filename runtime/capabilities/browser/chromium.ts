import { CapabilityError } from "../../sandbox/mod.ts";
import { CdpLink } from "./cdp/link.ts";
import { pipeTransport } from "./cdp/pipe.ts";

/** Where Debian and others put it. The program itself, not the script that adds the user's flags. */
const PROGRAMS = [
  "/usr/lib/chromium/chromium",
  "/usr/lib/chromium-browser/chromium-browser",
  "/opt/google/chrome/chrome",
  "/usr/bin/chromium",
];
/** What Chromium can and is not to do. */
const DISABLED_FEATURES = [
  "Translate",
  "MediaRouter",
  "OptimizationHints",
  "DialMediaRouteProvider",
  "AutofillServerCommunication",
  // With them the next document of a site is another frame in the same process. What a page asks
  // (`alert`) as it is left then waits for an answer, and that waits for the process: for ever.
  "RenderDocument",
  "BackForwardCache",
];
/** How long it may take to say that it is there. */
const START_MS = 20_000;
const NOBODY = 65534;

/**
 * What the shell does before it becomes the browser: closes what the agent was itself started with,
 * and puts the two ends of the link where the browser looks for them, descriptors 3 and 4. So there
 * is no port that others on this machine could reach.
 */
const BECOME_BROWSER = `
for open in /proc/self/fd/*; do
  number=\${open##*/}
  [ "$number" -gt 2 ] && eval "exec $number>&-"
done
exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1
`;

const FLAGS = [
  "--remote-debugging-pipe",
  "--no-first-run",
  "--no-default-browser-check",
  "--password-store=basic",
  "--use-mock-keychain",
  // It speaks to nobody but the sites that it is sent to.
  "--disable-background-networking",
  "--disable-breakpad",
  "--disable-crash-reporter",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-domain-reliability",
  "--disable-extensions",
  `--disable-features=${DISABLED_FEATURES}`,
  "--disable-sync",
  "--dns-prefetch-disable",
  "--metrics-recording-only",
  "--no-pings",
  // Nothing goes past the proxy.
  "--webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--force-webrtc-ip-handling-policy",
  "--disable-quic",
  // A follower's page is often behind another window, and is to follow all the same.
  "--disable-backgrounding-occluded-windows",
  "--disable-background-timer-throttling",
  "--disable-renderer-backgrounding",
  "--disable-hang-monitor",
];

/** How a Chromium is started. */
export interface ChromiumOptions {
  /** For its profile; the folder's parents can be passed through by the user. Removed with it. */
  readonly profile: string;
  /** Whom it runs as, where the agent is root. */
  readonly user: number | undefined;
  /** The X display for its window; without one it has none. */
  readonly window?: string | undefined;
}

/** A Chromium of the agent's own. */
export interface Chromium extends AsyncDisposable {
  readonly link: CdpLink;
  readonly pid: number;
}

/**
 * Starts Chromium as an unprivileged user, inside its own sandbox, with a profile that is empty, and
 * dead when the agent is.
 *
 * @throws {CapabilityError} unavailable – it is not installed, does not start, or its sandbox cannot
 * work here
 */
export async function startChromium(options: ChromiumOptions): Promise<Chromium> {
  const [program, setpriv] = await Promise.all([
    firstFile(PROGRAMS),
    firstFile(["/usr/bin/setpriv", "/bin/setpriv"]),
  ]);
  if (!program || !setpriv) {
    const missing = program ? "util-linux (setpriv)" : "Chromium";
    throw new CapabilityError("unavailable", `Cannot open a page as ${missing} is not installed`);
  }
  const { profile, window, user = Deno.uid() === 0 ? NOBODY : undefined } = options;
  await makeProfile(profile, user);
  const child = new Deno.Command(setpriv, {
    args: [
      ...(user === undefined ? [] : [`--reuid=${user}`, `--regid=${user}`, "--clear-groups"]),
      ...["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--pdeathsig=KILL"],
      ...["/bin/bash", "-c", BECOME_BROWSER, "browser", program],
      ...FLAGS,
      ...(window === undefined ? ["--headless=new", "--disable-gpu"] : []),
      `--user-data-dir=${profile}`,
      "about:blank",
    ],
    clearEnv: true,
    env: {
      HOME: profile,
      // The name of a socket that it makes there has at most 107 characters, so it is not written out.
      TMPDIR: ".",
      PATH: "/usr/bin:/bin",
      ...(window === undefined ? {} : { DISPLAY: window }),
    },
    cwd: profile,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const link = new CdpLink(pipeTransport(child));
  const end = async () => {
    killQuietly(child);
    link.close();
    await child.status;
    await removeProfile(profile);
  };
  const late = setTimeout(() => killQuietly(child), START_MS);
  try {
    await link.send("Browser.getVersion");
  } catch (cause) {
    await end();
    const message = "Cannot open a page as Chromium does not start here, or not in its sandbox";
    throw new CapabilityError("unavailable", message, { cause });
  } finally {
    clearTimeout(late);
  }
  return { link, pid: child.pid, [Symbol.asyncDispose]: end };
}

async function makeProfile(profile: string, user: number | undefined): Promise<void> {
  const mode = user === undefined ? 0o700 : 0o711;
  await Deno.mkdir(profile.slice(0, profile.lastIndexOf("/")), { recursive: true, mode });
  await Deno.mkdir(profile, { mode: 0o700 });
  if (user !== undefined) await Deno.chown(profile, user, user);
}

/** Its last processes may still write there as they are killed. */
async function removeProfile(profile: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    try {
      return await Deno.remove(profile, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

async function firstFile(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    if (await Deno.stat(path).then(({ isFile }) => isFile, () => false)) return path;
  }
  return undefined;
}

function killQuietly(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has ended.
  }
}
