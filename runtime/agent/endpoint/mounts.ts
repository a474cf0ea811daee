import * as v from "valibot";
import { nameSchema, type ScriptName } from "../../core/documents/common.ts";
import {
  aliasOf,
  meetingAliases,
  type ServeSettings,
  serveSettings,
} from "../../core/documents/serve.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";

/** A request's path, as the script's that it leads to. */
export interface Mounted {
  readonly script: ScriptName;
  /** What of the path is not the script's: `/s/acme/print`, or the alias. */
  readonly mount: string;
  /** What is, as it was sent: `/` or more. */
  readonly rest: string;
}

const BELOW_S = /^(\/s\/([^/]+)\/([^/]+))(\/.*)?$/s;

/**
 * Finds the script that a path leads to, by its own name or by an alias of a grant. An alias that
 * another grant has too, or has one above or below, leads nowhere: `policy check` refuses those, a
 * signed list can bring them all the same.
 *
 * @param path As it was sent, without the query.
 */
export function mountOf(path: string, policy: PolicyInForce): Mounted | undefined {
  const own = BELOW_S.exec(path);
  if (own) {
    const [, mount, publisher, name, rest = "/"] = own;
    if (!v.is(nameSchema, publisher) || !v.is(nameSchema, name)) return undefined;
    return { script: `${publisher}/${name}`, mount: mount!, rest };
  }
  const scripts = aliasesOf(policy);
  for (let end = path.length; end > 0; end = path.lastIndexOf("/", end - 1)) {
    const script = scripts.get(path.slice(0, end));
    if (script) return { script, mount: path.slice(0, end), rest: path.slice(end) || "/" };
  }
  return undefined;
}

/** What the policy says about a script's endpoint; `undefined` when it has none. */
export function settingsOf(script: ScriptName, policy: PolicyInForce): ServeSettings | undefined {
  const settings = serveSettings(policy.grants.get(script)?.serve);
  return settings.allow.length > 0 ? settings : undefined;
}

const known = new WeakMap<PolicyInForce, Map<string, ScriptName>>();

/** A policy does not change; a new one is another object. */
function aliasesOf(policy: PolicyInForce): Map<string, ScriptName> {
  const before = known.get(policy);
  if (before) return before;
  const claims = [...policy.grants.values()].flatMap(({ script, serve }) => {
    const alias = aliasOf(serve);
    return alias === undefined ? [] : [{ alias, script }];
  });
  const scripts = new Map(claims.map(({ alias, script }) => [alias, script]));
  for (const [{ alias }] of meetingAliases(claims)) scripts.delete(alias);
  known.set(policy, scripts);
  return scripts;
}
