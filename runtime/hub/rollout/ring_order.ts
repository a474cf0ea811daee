import type { OrderRequest } from "../orders/order_request.ts";
import type { Gate } from "./gate.ts";
import type { RolloutSubject } from "./rollout_record.ts";

/** How long an agent that is off may take to run what its ring was ordered, beyond the gate's time. */
const MARGIN_MS = 60_000;

/** What the agents of a ring are ordered, which are named beside it. */
export function ringOrder(
  { script, version, input }: Omit<RolloutSubject & { kind: "script" }, "kind" | "before">,
  gate: Gate,
): Omit<OrderRequest, "select"> {
  return { script: { name: script, range: version }, input, expiresMs: gate.withinMs + MARGIN_MS };
}
