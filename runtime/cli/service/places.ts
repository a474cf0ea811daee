import { WRIT_VERSION } from "../../core/version.ts";
import type { ServicePlaces } from "./unit.ts";

/** Where everything of the service stands on a machine. */
export const PLACES: ServicePlaces = {
  program: `/usr/local/lib/writ/${WRIT_VERSION}`,
  command: "/usr/local/bin/writ",
  fleet: "/etc/writ",
  state: "/var/lib/writ",
  unit: "/etc/systemd/system/writ.service",
  users: "/usr/lib/sysusers.d/writ.conf",
};
