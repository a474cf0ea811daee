import type { BrowserSettings } from "../../core/documents/browser.ts";
import { CapabilityError } from "../../sandbox/mod.ts";
import { permittedAddress, type Resolve, systemResolve } from "./addresses.ts";
import { CdpLink } from "./cdp/link.ts";
import { socketTransport } from "./cdp/socket.ts";
import { startChromium } from "./chromium.ts";
import type { Refused } from "./gate.ts";
import { Proxy } from "./proxy.ts";

/** What no page is asked for, and none gets. */
const DENIED_PERMISSIONS = [
  "geolocation",
  "notifications",
  "camera",
  "microphone",
  "midi",
  "clipboard-read",
  "clipboard-write",
  "display-capture",
  "local-fonts",
  "window-management",
  "storage-access",
  "idle-detection",
];

/** What an engine is started with. */
export interface EngineOptions {
  readonly settings: BrowserSettings;
  readonly profile: string;
  readonly user: number | undefined;
  readonly resolve?: Resolve | undefined;
  refused(refused: Refused): void;
}

/** A browser that pages can be opened in: one of the agent's own, or one that it was attached to. */
export interface Engine extends AsyncDisposable {
  readonly link: CdpLink;
  /** Of the agent's own, whose process ends with it. */
  readonly pid?: number;
  /** Where its pages stand, apart from each other's cookies; none in one that it was attached to. */
  readonly context?: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly checkAddress?: (url: URL) => Promise<boolean>;
}

/**
 * Starts a browser, or attaches to the one that the grant names.
 *
 * @throws {CapabilityError} unavailable – there is none
 */
export async function startEngine(options: EngineOptions): Promise<Engine> {
  const { settings } = options;
  return settings.attach === undefined
    ? await ownEngine(options)
    : await attachedEngine(settings.attach, options);
}

/** All of its traffic passes the proxy; whatever asks for more than a page is denied. */
async function ownEngine(options: EngineOptions): Promise<Engine> {
  const { settings, profile, user, resolve, refused } = options;
  await using started = new AsyncDisposableStack();
  const proxy = started.use(
    new Proxy({
      sites: settings,
      refused: (host) => refused({ why: "address", origin: host }),
      ...(resolve ? { resolve } : {}),
    }),
  );
  const chromium = started.use(await startChromium({ profile, user, window: settings.window }));
  const { link, pid } = chromium;
  const { browserContextId } = await link.send("Target.createBrowserContext", {
    disposeOnDetach: true,
    proxyServer: proxy.address,
    // Without it loopback would be asked past the proxy.
    proxyBypassList: "<-loopback>",
  });
  await Promise.all([
    denyDownloads(link, refused, browserContextId),
    ...DENIED_PERMISSIONS.map((name) =>
      link.send("Browser.setPermission", {
        permission: { name },
        setting: "denied",
        browserContextId,
      }).catch(() => {})
    ),
  ]);
  const running = started.move();
  const { username, password } = proxy;
  return {
    link,
    pid,
    context: browserContextId,
    credentials: { username, password },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

/** @param context Of the pages that it is about; all of the browser's where it is left out. */
async function denyDownloads(
  link: CdpLink,
  refused: (refused: Refused) => void,
  context?: string,
): Promise<void> {
  link.on("Browser.downloadWillBegin", ({ url }) => {
    refused({ why: "download", origin: URL.parse(url)?.origin ?? "" });
  });
  await link.send("Browser.setDownloadBehavior", {
    behavior: "deny",
    eventsEnabled: true,
    ...(context === undefined ? {} : { browserContextId: context }),
  });
}

/** Somebody's own browser: it reaches what they reach, and only what is opened here is looked at. */
async function attachedEngine(address: string, options: EngineOptions): Promise<Engine> {
  const { settings, resolve = systemResolve } = options;
  let link: CdpLink | undefined;
  try {
    link = new CdpLink(await socketTransport(address));
    await link.send("Browser.getVersion");
  } catch (cause) {
    link?.close();
    const message = `Cannot open a page as no browser answers at ${address}`;
    throw new CapabilityError("unavailable", message, { cause });
  }
  await denyDownloads(link, options.refused);
  return {
    link,
    async checkAddress({ hostname, port, protocol }) {
      const host = hostname.replace(/^\[|\]$/g, "");
      const number = Number(port) || (protocol === "https:" ? 443 : 80);
      const address = await permittedAddress(settings, host, number, resolve)
        .catch(() => undefined);
      return address !== undefined;
    },
    [Symbol.asyncDispose]: () => {
      link.close();
      return Promise.resolve();
    },
  };
}
