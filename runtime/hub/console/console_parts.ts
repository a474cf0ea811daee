import type { Digest } from "../../core/documents/common.ts";
import type { HubServices } from "../services.ts";
import type { UserServices } from "../users/mod.ts";

/** What the console works on of what the API has too. */
type Shown =
  | "agents"
  | "artefacts"
  | "enrolment"
  | "tokens"
  | "webhooks"
  | "lists"
  | "orders"
  | "scripts"
  | "content"
  | "rollouts"
  | "releases"
  | "audit"
  | "events"
  | "now"
  | "log";

/** What the console shows, and works on. */
export interface ConsoleParts extends UserServices, Pick<HubServices, Shown> {
  /** As browsers have it: `https://console.example`. */
  readonly origin: string;
  /** Where machines enrol, as a command line has it. */
  readonly agentsUrl: string;
  /** What they pin there, where the hub's certificate is its own. */
  readonly agentsCa?: Digest;
}
