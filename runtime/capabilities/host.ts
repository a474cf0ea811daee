import { CapabilityError, type CapabilityHost } from "../sandbox/mod.ts";
import type { Capability } from "./capability.ts";

/**
 * Puts together what one run or request is lent. What is not among the capabilities does not exist
 * for it.
 */
export function capabilityHost(capabilities: readonly Capability[]): CapabilityHost {
  const methods = new Map(capabilities.flatMap((capability) => [...capability.methods]));
  return {
    offered: Object.fromEntries(capabilities.map(({ name, shown }) => [name, shown])),
    async call(method, params, body, signal, unread) {
      const answer = methods.get(method);
      if (answer) return await answer({ params, body, signal, unread });
      throw new CapabilityError("not_granted", "Cannot do this as the grant does not lend it");
    },
  };
}
