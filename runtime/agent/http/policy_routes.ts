import { Hono } from "hono";
import { type PolicyInForce, rulesOf } from "../../core/policy_in_force.ts";
import { AgentError } from "../errors.ts";
import { type Pending, pendingIn } from "../store/pending.ts";
import type { Store } from "../store/store.ts";
import type { Reloaded } from "../trust/rules_in_force.ts";

/** What {@linkcode policyRoutes} work with. */
export interface PolicyParts {
  store: Store;
  /** The policy in force. */
  policy(): PolicyInForce;
  /** @throws {AgentError} policy – the old one stays in force. */
  reload(): Promise<Reloaded>;
}

/** The policy in force, for the local operator: it is a map of the network. */
export function policyRoutes({ store, policy, reload }: PolicyParts): Hono {
  const app = new Hono();

  app.get("/v1/policy", (c) => {
    const { digest } = policy();
    return c.json({ digest, rules: rulesOf(policy()) });
  });

  app.post("/v1/policy/reload", async (c) => {
    try {
      return c.json(await reload());
    } catch (error) {
      if (!(error instanceof AgentError && error.code === "policy")) throw error;
      // In full: the operator wrote the files, and has to find the line.
      const { code, message } = error;
      return c.json({ error: { code, message } }, 422);
    }
  });

  app.get("/v1/policy/pending", (c) => {
    const pending: Pending[] = pendingIn(store);
    return c.json({ auditMode: policy().auditMode ?? false, pending });
  });

  return app;
}
