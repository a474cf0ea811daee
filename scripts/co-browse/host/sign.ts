import { quoted } from "../session/names.ts";
import type { Person } from "../wire/host_message.ts";

/** Names that the sign has room for. */
const NAMES = 3;

/** What a browser has room for. */
const SIGN_CHARS = 100;

/** What stands over the shared page for as long as others see it; nothing while nobody does. */
export function signOf(people: readonly Person[]): string | null {
  const others = people.filter(({ role, here, kind }) =>
    kind !== "host" && here && role !== "waiting"
  );
  if (others.length === 0) return null;
  const names = others.slice(0, NAMES).map(({ name }) => quoted(name)).join(", ");
  const more = others.length > NAMES ? ` and ${others.length - NAMES} more` : "";
  const leader = others.find(({ role }) => role === "leader");
  const sign = `Shared with ${names}${more}` +
    (leader ? ` · ${quoted(leader.name)} has control` : "");
  return sign.length <= SIGN_CHARS ? sign : `Shared with ${others.length} people`;
}
