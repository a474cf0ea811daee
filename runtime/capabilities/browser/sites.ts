import type { BrowserSettings } from "../../core/documents/browser.ts";
import { CapabilityError } from "../../sandbox/mod.ts";

/** Why a page is not opened. */
export type SiteRefusal =
  /** Neither http nor https. */
  | "scheme"
  /** No site of the grant. */
  | "not_listed"
  /** A site that the grant names as never to be opened. */
  | "denied";

/** Which pages may be opened. */
export type Sites = Pick<BrowserSettings, "urls" | "deny">;

/**
 * Looks whether a page may be opened: scheme, then what is denied, then what is listed. A URL that
 * names a user is none of a grant's, nor is a host with a dot at its end, which is another origin on
 * the same server.
 *
 * @returns nothing when it may
 */
export function refuseSite({ urls, deny = [] }: Sites, text: string): SiteRefusal | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "http:" && url?.protocol !== "https:") return "scheme";
  if (deny.some((origin) => isOfSite(origin, url))) return "denied";
  if (url.username !== "" || url.password !== "" || url.hostname.endsWith(".")) return "not_listed";
  return urls.some(({ origin }) => isOfSite(origin, url)) ? undefined : "not_listed";
}

const SITE_WORDS = {
  scheme: "its address is neither http nor https",
  not_listed: "the grant does not list its site",
  denied: "the grant denies its site",
};

/** @throws {CapabilityError} not_granted – the page may not be opened */
export function requireSite(sites: Sites, url: string): void {
  const why = refuseSite(sites, url);
  if (why === undefined) return;
  throw new CapabilityError("not_granted", `Cannot open the page as ${SITE_WORDS[why]}`);
}

/** The entry that lets a host and port be inside this network, when there is one. */
export function internalSite({ urls }: Sites, host: string, port: number): string | undefined {
  return urls.find(({ origin, internal }) =>
    internal && ["http", "https"].some((scheme) => {
      const text = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
      return URL.canParse(text) && isOfSite(origin, new URL(text));
    })
  )?.origin;
}

/** `https://*.example.org` is every name below `example.org`, not the name itself; `https://*` is every host. */
function isOfSite(origin: string, url: URL): boolean {
  const at = origin.indexOf("://*");
  if (at < 0) return url.origin === origin;
  if (url.protocol !== origin.slice(0, at + 1)) return false;
  const [, rest = "", port = ""] = /^\*([^:]*)(?::([0-9]+))?$/.exec(origin.slice(at + 3)) ?? [];
  return url.port === port && (rest === "" || url.hostname.endsWith(rest));
}
