import type { BrowserSettings } from "../core/documents/browser.ts";
import type { ScriptName } from "../core/documents/common.ts";
import type { Browsers } from "./browser/browsers.ts";
import type { LentBrowser } from "./browser/lent_browser.ts";
import { BROWSER_METHODS, type BrowserMethod } from "./browser/methods.ts";
import type { Capability, Method } from "./capability.ts";

/**
 * A browser of this machine, for a script: pages of the grant's sites, what people do in them, and
 * the same done again. Never a link to the browser itself. It is loaded when a script first asks.
 */
export function browserCapability(
  browsers: Browsers,
  script: ScriptName,
  settings: BrowserSettings,
): Capability {
  let lent: Promise<LentBrowser> | undefined;
  const load = async () => {
    const [{ LentBrowser }, browser] = await Promise.all([
      import("./browser/lent_browser.ts"),
      browsers.of(script, settings),
    ]);
    return new LentBrowser(browser);
  };
  const method = (name: BrowserMethod): [string, Method] => [
    `browser.${name}`,
    async (call) => await (await (lent ??= load())).methods[name](call),
  ];
  return { name: "browser", shown: {}, methods: new Map(BROWSER_METHODS.map(method)) };
}
