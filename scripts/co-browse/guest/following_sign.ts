import { quoted } from "../session/names.ts";
import type { Person } from "../wire/host_message.ts";

/** What stands over a page that follows another one. */
export function followingSign(
  people: readonly Person[],
  holder: string,
  you: string,
): string | null {
  const host = people.find(({ kind }) => kind === "host");
  if (!host) return null;
  if (holder === you) return `You drive the browser of ${quoted(host.name)}`;
  const leader = people.find(({ id }) => id === holder) ?? host;
  return `You follow ${quoted(leader.name)}`;
}
