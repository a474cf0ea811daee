import type { TabList } from "../browser/tabs.ts";
import type { Input } from "../wire/input.ts";
import { WIRE_LIMITS } from "../wire/limits.ts";
import type { HostMessage } from "../wire/host_message.ts";

const WEB = /^https?:/;

/** The pages that people in a session see, as far as others must be told of them. */
export class Shown {
  #list: TabList = { active: 1, tabs: [] };
  #url = "";

  /** The page that is looked at. */
  get active(): number {
    return this.#list.active;
  }

  /** Of the page that is looked at. */
  get url(): string {
    return this.#url;
  }

  /** Of all pages: who has a browser of their own has them all. */
  get origins(): readonly string[] {
    return [...new Set(this.#list.tabs.flatMap(({ url }) => originOf(url) ?? []))];
  }

  /**
   * Other pages are shown from now on.
   *
   * @returns What everybody is told, and origins that nobody saw before
   */
  change(list: TabList): { messages: HostMessage[]; origins: readonly string[] } {
    const [before, seen] = [namesOf(this.#list), this.origins];
    this.#list = { ...list, tabs: list.tabs.map(({ tab, url }) => ({ tab, url: tellable(url) })) };
    const messages: HostMessage[] = before === namesOf(list) ? [] : [this.tabs()];
    const url = this.#list.tabs.find(({ tab }) => tab === list.active)?.url ?? "";
    if (WEB.test(url) && url !== this.#url) {
      this.#url = url;
      messages.unshift({ t: "page", url });
    }
    return { messages, origins: this.origins.filter((origin) => !seen.includes(origin)) };
  }

  /** Whether nobody else may do it: to the window's size, and to the last page, with which all ends. */
  isOfHost(input: Input): boolean {
    const isClosing = input.type === "tab" && input.action === "close";
    return input.type === "viewport" || isClosing && this.#list.tabs.length === 1;
  }

  /** What somebody is told who comes now. */
  story(): HostMessage[] {
    return [{ t: "page", url: this.#url }, this.tabs()];
  }

  tabs(): HostMessage {
    const { active, tabs } = this.#list;
    return { t: "tabs", active, tabs: [...tabs] };
  }
}

function namesOf({ active, tabs }: TabList): string {
  return [active, ...tabs.map(({ tab }) => tab)].join();
}

/** An address that is longer than messages may have says its site alone. */
function tellable(url: string): string {
  return url.length <= WIRE_LIMITS.URL_CHARS ? url : originOf(url) ?? "";
}

/** Nothing for a page that has loaded nothing yet. */
function originOf(url: string): string | undefined {
  return WEB.test(url) ? URL.parse(url)?.origin : undefined;
}
