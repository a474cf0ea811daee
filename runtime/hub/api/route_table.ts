import { ACCESS_ROUTES } from "./access_routes.ts";
import { AGENT_ROUTES } from "./agent_routes.ts";
import { LIST_ROUTES } from "./list_routes.ts";
import { ORDER_ROUTES } from "./order_routes.ts";
import { ROLLOUT_ROUTES } from "./rollout_routes.ts";
import type { ApiRoute } from "./route.ts";
import { WEBHOOK_ROUTES } from "./webhook_routes.ts";

/** Every route of the API. */
export const API_ROUTES: readonly ApiRoute[] = [
  ...AGENT_ROUTES,
  ...ORDER_ROUTES,
  ...LIST_ROUTES,
  ...ROLLOUT_ROUTES,
  ...ACCESS_ROUTES,
  ...WEBHOOK_ROUTES,
];
