import { CAPABILITY_NAMES, type Ceiling, DEFAULT_QUOTAS, type Grant } from "./documents/grant.ts";
import { type Caller, serveSettings } from "./documents/serve.ts";

/** A capability or a caller that a grant gives and a ceiling does not, or not to that extent. */
export type ServiceBeyond =
  | { readonly capability: (typeof CAPABILITY_NAMES)[number] }
  | {
    readonly capability: keyof typeof DEFAULT_QUOTAS;
    /** Bytes. */
    readonly asked: number;
    readonly most: number;
  }
  | { readonly caller: Caller };

type Services = Pick<Ceiling, "capabilities" | "serve">;

/**
 * All services of a grant that a ceiling does not allow. A ceiling that says nothing of capabilities,
 * or nothing of callers, allows all of them; one that names a capability without a quota allows the
 * quota that holds where a grant names none.
 */
export function servicesBeyond(grant: Grant, ceiling: Services): ServiceBeyond[] {
  return [...capabilitiesBeyond(grant, ceiling), ...callersBeyond(grant, ceiling)];
}

function capabilitiesBeyond({ capabilities = {} }: Grant, ceiling: Services): ServiceBeyond[] {
  const allowed = ceiling.capabilities;
  if (allowed === undefined) return [];
  return CAPABILITY_NAMES.flatMap((name): ServiceBeyond[] => {
    if (capabilities[name] === undefined) return [];
    if (allowed[name] === undefined) return [{ capability: name }];
    if (!hasQuota(name)) return [];
    const asked = capabilities[name]!.quotaBytes ?? DEFAULT_QUOTAS[name];
    const most = allowed[name]!.quotaBytes ?? DEFAULT_QUOTAS[name];
    // Written so that a bound that is not a number is exceeded.
    return asked <= most ? [] : [{ capability: name, asked, most }];
  });
}

function callersBeyond({ serve }: Grant, ceiling: Services): ServiceBeyond[] {
  const allowed = ceiling.serve;
  if (allowed === undefined) return [];
  return serveSettings(serve).allow.filter((caller) => !allowed.includes(caller))
    .map((caller) => ({ caller }));
}

function hasQuota(name: string): name is keyof typeof DEFAULT_QUOTAS {
  return Object.hasOwn(DEFAULT_QUOTAS, name);
}
