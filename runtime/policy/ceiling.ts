import type { Ceiling, Grant, Limits, Permissions } from "../core/documents/grant.ts";
import { serveSettings } from "../core/documents/serve.ts";
import { firstUncovered } from "../core/permission_subset.ts";
import { type ServiceBeyond, servicesBeyond } from "../core/service_subset.ts";
import { formatSize, formatTime } from "./units.ts";
import type { Segments } from "./yaml/policy_file.ts";

/** One value of a grant that the ceiling does not allow. */
export interface BeyondCeiling {
  /** Where it stands in a grant file. */
  readonly segments: Segments;
  readonly message: string;
  readonly hint: string;
}

/** The keys of `limits:` in a policy file, and how their values are written. */
export const LIMIT_KEYS: {
  readonly [K in keyof Limits]: { readonly key: string; format(value: number): string };
} = {
  memoryBytes: { key: "memory", format: formatSize },
  cpuMs: { key: "cpu", format: formatTime },
  wallMs: { key: "wall", format: formatTime },
  outputBytes: { key: "output", format: formatSize },
  runs: { key: "runs", format: String },
};

/**
 * Finds every value of a grant that is beyond the ceiling.
 *
 * The rule is the one that is asked again before each run (`requireWithinCeiling`); here it is
 * asked value by value, so that an admin sees all of them.
 */
export function beyondCeiling(grant: Grant, ceiling: Ceiling): BeyondCeiling[] {
  return [
    ...permissionsBeyond(grant.permissions, ceiling.permissions),
    ...limitsBeyond(grant.limits, ceiling.limits),
    ...servicesBeyond(grant, ceiling).map((beyond) => serviceBeyond(beyond, grant)),
  ];
}

function serviceBeyond(beyond: ServiceBeyond, { serve }: Grant): BeyondCeiling {
  if ("caller" in beyond) {
    const { caller } = beyond;
    const index = serveSettings(serve).allow.indexOf(caller);
    return {
      segments: ["serve", "allow", index],
      message: `must be within the ceiling: it does not admit ${caller}`,
      hint: "add it to ceiling.serve in fleet.yaml, or leave it out here",
    };
  }
  const { capability } = beyond;
  if (!("asked" in beyond)) {
    return {
      segments: ["capabilities", capability],
      message: `must be within the ceiling: it does not lend ${capability}`,
      hint: `add it to ceiling.capabilities in fleet.yaml, or leave it out here`,
    };
  }
  return {
    segments: ["capabilities", capability, "quota"],
    message: `must be within the ceiling of ${formatSize(beyond.most)}: got ${
      formatSize(beyond.asked)
    }`,
    hint: `raise ceiling.capabilities.${capability}.quota in fleet.yaml, or lower it here`,
  };
}

function permissionsBeyond(permissions: Permissions, ceiling: Permissions): BeyondCeiling[] {
  return (Object.keys(permissions) as (keyof Permissions)[]).flatMap((kind) =>
    (permissions[kind] ?? []).flatMap((value, index) => {
      const uncovered = firstUncovered({ [kind]: [value] }, ceiling);
      if (uncovered === undefined) return [];
      return [{
        segments: ["permissions", kind, index],
        message: `must be within the ceiling: it does not allow ${uncovered}`,
        hint: `add it to ceiling.permissions.${kind} in fleet.yaml, or leave it out here`,
      }];
    })
  );
}

function limitsBeyond(limits: Limits, ceiling: Limits): BeyondCeiling[] {
  return (Object.keys(LIMIT_KEYS) as (keyof Limits)[]).flatMap((name) => {
    if (limits[name] <= ceiling[name]) return [];
    const { key, format } = LIMIT_KEYS[name];
    return [{
      segments: ["limits", key],
      message: `must be within the ceiling of ${format(ceiling[name])}: got ${
        format(limits[name])
      }`,
      hint: `raise ceiling.limits.${key} in fleet.yaml, or lower it here`,
    }];
  });
}
