import { quoted } from "../session/names.ts";
import type { BrowserState, Person } from "../wire/host_message.ts";

/** What is known where a browser follows another one. */
export interface Following {
  readonly people: readonly Person[];
  readonly holder: string;
  readonly you: string;
  /** What became of the shared browser last. */
  readonly browser: BrowserState;
}

/** What stands over a page that follows another one. */
export function followingSign({ people, holder, you, browser }: Following): string | null {
  const host = people.find(({ kind }) => kind === "host");
  if (!host) return null;
  if (browser === "gone") return `The browser of ${quoted(host.name)} is gone; it is started again`;
  if (browser === "silent") return `The page of ${quoted(host.name)} does not answer`;
  if (holder === you) return `You drive the browser of ${quoted(host.name)}`;
  const leader = people.find(({ id }) => id === holder) ?? host;
  return `You follow ${quoted(leader.name)}`;
}
