import type { Digest } from "../../../runtime/core/documents/common.ts";
import type { TestMachine } from "../hub_fixture.ts";

/** An agent goes back to an older release only where its admin has named those very bytes. */
export function pin(machine: TestMachine, sha256: Digest): void {
  const load = machine.rules;
  machine.rules = async (context) => {
    const rules = await load(context);
    const { digest: _, ...policy } = rules.policy;
    const accept = [...policy.accept, { script: machine.hub.fleet.script, sha256 }];
    return { ...rules, policy: machine.hub.fleet.policy({ ...policy, accept }) };
  };
}
