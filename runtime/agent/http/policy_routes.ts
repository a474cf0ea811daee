import { Hono } from "hono";
import { type PolicyInForce, rulesOf } from "../../core/policy_in_force.ts";
import { AgentError } from "../errors.ts";
import type { Reloaded } from "../rules_in_force.ts";

/** What {@linkcode policyRoutes} work with. */
export interface PolicyParts {
  /** The policy in force. */
  policy(): PolicyInForce;
  /** @throws {AgentError} policy – the old one stays in force. */
  reload(): Promise<Reloaded>;
}

/** The policy in force, for the local operator: it is a map of the network. */
export function policyRoutes({ policy, reload }: PolicyParts): Hono {
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

  return app;
}
