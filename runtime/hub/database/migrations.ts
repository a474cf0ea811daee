import { TOKEN_MAKERS, TOKEN_USERS } from "../access/tables.ts";
import { CALLED_AGENTS, LIST_EPOCHS, NAMED_AGENTS } from "../agents/tables.ts";
import { ARTEFACT_QUOTA, ARTEFACT_TABLES } from "../artefacts/tables.ts";
import { AUDIT_INDEXES } from "../audit/tables.ts";
import { CONTENT_TABLES } from "../content/tables.ts";
import { COUNT_INDEX } from "../orders/count_index.ts";
import { DUE_ORDERS, LEFT_OUT_EVENTS } from "../orders/tables.ts";
import { DELIVERIES_BY_DOCUMENT, LEASES_BY_AGENT } from "../orders/delivery_tables.ts";
import { ENDED_TOKENS, EXPIRY_INDEXES } from "../retention/tables.ts";
import { ADVERT_TABLES } from "../rendezvous/tables.ts";
import { ROLLOUT_FIGURES, ROLLOUT_TABLES, RUNNING_RELEASES } from "../rollout/tables.ts";
import { SCRIPT_EVENT_TABLES } from "../script_events/tables.ts";
import { USER_TABLES } from "../users/tables.ts";
import { WEBHOOK_PROBLEMS, WEBHOOK_TABLES } from "../webhooks/tables.ts";
import { CORE_TABLES } from "./core_tables.ts";

/** Step n makes version n of the one before. A step that was released is never changed. */
export const MIGRATIONS: readonly string[] = [
  CORE_TABLES,
  USER_TABLES,
  ROLLOUT_TABLES,
  COUNT_INDEX,
  EXPIRY_INDEXES,
  WEBHOOK_TABLES,
  ADVERT_TABLES,
  SCRIPT_EVENT_TABLES,
  TOKEN_USERS,
  CONTENT_TABLES,
  ROLLOUT_FIGURES,
  ENDED_TOKENS,
  ARTEFACT_TABLES,
  AUDIT_INDEXES,
  ARTEFACT_QUOTA,
  RUNNING_RELEASES,
  WEBHOOK_PROBLEMS,
  CALLED_AGENTS,
  DUE_ORDERS,
  DELIVERIES_BY_DOCUMENT,
  LEFT_OUT_EVENTS,
  LEASES_BY_AGENT,
  LIST_EPOCHS,
  TOKEN_MAKERS,
  NAMED_AGENTS,
];
