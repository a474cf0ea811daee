import { browserCapability } from "../../runtime/capabilities/browser.ts";
import { Browsers } from "../../runtime/capabilities/browser/browsers.ts";
// It is loaded by the first call elsewhere; here that would count as the attack's doing.
import "../../runtime/capabilities/browser/lent_browser.ts";
import { capabilityHost } from "../../runtime/capabilities/host.ts";
import type { CapabilityHost } from "../../runtime/sandbox/mod.ts";
import type { Loan } from "./loans.ts";

const NOBODY = Deno.uid() === 0 ? 65534 : undefined;

/** A browser for one site, whose address is inside this machine, which the grant does not say. */
export const browserOfOneSite: Loan = {
  guarded: ({ tcpPort }) => browserFor(`http://127.0.0.1:${tcpPort}`),
  unguarded: () => anyBrowser(),
};

function browserFor(origin: string): CapabilityHost {
  const folder = publicFolder();
  const browsers = new Browsers({ folder, user: () => Promise.resolve(NOBODY) });
  const settings = { urls: [{ origin, internal: false }] };
  const host = capabilityHost([browserCapability(browsers, "hostile/attack", settings)]);
  return {
    offered: host.offered,
    async call(...call) {
      try {
        return await host.call(...call);
      } catch (error) {
        // What was refused leaves no browser behind.
        await browsers[Symbol.asyncDispose]();
        throw error;
      }
    },
  };
}

/** A Chromium that shows whatever it is sent to. */
function anyBrowser(): CapabilityHost {
  let url = "";
  let shown = new Uint8Array();
  return {
    offered: { browser: {} },
    async call(method, params) {
      switch (method) {
        case "browser.open":
          url = (params as { url: string }).url;
          return { value: { id: "page" } };
        case "browser.snapshot":
          shown = await contentOf(url);
          return { value: { snapshot: "whole", length: shown.length } };
        default:
          return { body: shown };
      }
    },
  };
}

async function contentOf(url: string): Promise<Uint8Array<ArrayBuffer>> {
  const home = publicFolder();
  if (NOBODY !== undefined) Deno.chownSync(home, NOBODY, NOBODY);
  const { stdout } = await new Deno.Command("chromium", {
    args: ["--headless=new", "--disable-gpu", `--user-data-dir=${home}/profile`, "--dump-dom", url],
    ...(NOBODY === undefined ? {} : { uid: NOBODY, gid: NOBODY }),
    clearEnv: true,
    cwd: home,
    env: { HOME: home, PATH: "/usr/bin:/bin" },
    stderr: "null",
    signal: AbortSignal.timeout(30_000),
  }).output();
  return stdout.slice(0, 100_000);
}

/** A folder that every user can pass through, as long as this process lives. */
function publicFolder(): string {
  const folder = Deno.makeTempDirSync({ prefix: "writ-hostile-browser-" });
  Deno.chmodSync(folder, 0o711);
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return folder;
}
