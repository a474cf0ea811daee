import type { BrowserSettings } from "../../core/documents/browser.ts";
import type { ScriptName } from "../../core/documents/common.ts";
import type { Resolve } from "./addresses.ts";
import type { ScriptBrowser } from "./script_browser.ts";

/** What the browsers of an agent are made of. */
export interface BrowsersOptions {
  /** For profiles: the cells' user can pass through its parents. */
  readonly folder: string;
  /** Whom they run as, where the agent is root. */
  user(): Promise<number | undefined>;
  /** Default: the machine's resolver. */
  readonly resolve?: Resolve;
}

/** The browsers of all scripts: one each, as its grant has it at the moment. */
export class Browsers implements AsyncDisposable {
  readonly #options: BrowsersOptions;
  readonly #browsers = new Map<ScriptName, { settings: string; browser: ScriptBrowser }>();

  constructor(options: BrowsersOptions) {
    this.#options = options;
  }

  /** What a killed agent left of profiles. */
  async sweep(): Promise<void> {
    await Deno.remove(this.#options.folder, { recursive: true }).catch(() => {});
  }

  /** A script whose grant has changed gets another; what it had in the one before is closed. */
  async of(script: ScriptName, granted: BrowserSettings): Promise<ScriptBrowser> {
    const { ScriptBrowser } = await import("./script_browser.ts");
    const settings = JSON.stringify(granted);
    const known = this.#browsers.get(script);
    if (known?.settings === settings) return known.browser;
    known?.browser.close().catch(() => {});
    const browser = new ScriptBrowser({ ...this.#options, settings: granted });
    this.#browsers.set(script, { settings, browser });
    return browser;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#browsers.values()].map(({ browser }) => browser.close()));
    this.#browsers.clear();
  }
}
