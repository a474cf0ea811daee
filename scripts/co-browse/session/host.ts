import type { Person } from "../wire/host_message.ts";

/** The sharing person. */
export const HOST = "p0";

/** The sharing person, as others see them. */
export function hostPerson(name: string, isLeading: boolean): Person {
  return {
    id: HOST,
    name,
    color: "#333333",
    kind: "host",
    role: isLeading ? "leader" : "host",
    rights: "drive",
    here: true,
    ms: 0,
  };
}
