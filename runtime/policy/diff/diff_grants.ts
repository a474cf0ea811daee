import {
  type Ceiling,
  type Grant,
  type Limits,
  LIVES,
  type Permissions,
} from "../../core/documents/grant.ts";
import { firstUncovered } from "../../core/permission_subset.ts";
import { LIMIT_KEYS } from "../ceiling.ts";
import {
  capabilityRules,
  type ExplainedRule,
  permissionRules,
  serveRules,
} from "../explain/rule_words.ts";
import { type ChangedPart, type Changes, keysOfBoth, same } from "./policy_change.ts";

/** Grants: what each script may touch, and who may order it. */
export function diffGrants(
  before: ReadonlyMap<string, Grant>,
  after: ReadonlyMap<string, Grant>,
  changes: Changes,
): void {
  for (const script of keysOfBoth(before, after)) {
    const [old, now] = [before.get(script), after.get(script)];
    if (now && old) diffGrant(script, old, now, changes);
    else if (now) addGrant(script, now, changes);
    else changes.add("grant", script, "narrows", "has no grant any more: nobody may order it");
  }
}

/** The ceiling: what no grant of the node can exceed. */
export function diffCeilings(before: Ceiling, after: Ceiling, changes: Changes): void {
  diffPermissions("ceiling", "", before.permissions, after.permissions, changes, "grants may say");
  diffLimits("ceiling", "", before.limits, after.limits, changes);
  diffAllowed(lendable(before), lendable(after), changes);
  diffAllowed(servable(before), servable(after), changes);
}

/** What a ceiling says of one kind of service, in words; `all` where it says nothing. */
interface Allowed {
  readonly all: string;
  readonly words: readonly string[] | undefined;
}

function lendable({ capabilities }: Ceiling): Allowed {
  const words = capabilities && capabilityRules(capabilities).map((rule) => rule.words);
  return { all: "any capability", words };
}

function servable({ serve }: Ceiling): Allowed {
  return { all: "requests from anybody", words: serve && serveRules(serve).map((r) => r.words) };
}

function diffAllowed(old: Allowed, now: Allowed, changes: Changes): void {
  const say = (words: string) => `grants may say: ${words}`;
  if (old.words && !now.words) changes.add("ceiling", "", "widens", say(now.all));
  if (!old.words && now.words) changes.add("ceiling", "", "narrows", say(`no longer ${old.all}`));
  for (const words of now.words?.filter((words) => !old.words?.includes(words)) ?? []) {
    changes.add("ceiling", "", old.words ? "widens" : "changes", say(words));
  }
  for (const words of old.words?.filter((words) => !now.words?.includes(words)) ?? []) {
    changes.add("ceiling", "", now.words ? "narrows" : "changes", say(`no longer ${words}`));
  }
}

function addGrant(script: string, grant: Grant, changes: Changes): void {
  const by = grant.orders.join(", ") || "nobody";
  changes.add("grant", script, "widens", `has a grant: may be ordered by ${by}`);
  for (const { words, unsafe } of rulesOf(grant)) {
    changes.add("grant", script, "widens", words, unsafe);
  }
}

function diffGrant(script: string, old: Grant, now: Grant, changes: Changes): void {
  if (same(old, now)) return;
  for (const name of now.orders.filter((n) => !old.orders.includes(n))) {
    changes.add("grant", script, "widens", `may be ordered by ${name}`);
  }
  for (const name of old.orders.filter((n) => !now.orders.includes(n))) {
    changes.add("grant", script, "narrows", `may not be ordered by ${name} any more`);
  }
  diffPermissions("grant", script, old.permissions, now.permissions, changes);
  diffServices(script, old, now, changes);
  diffLimits("grant", script, old.limits, now.limits, changes);
  const [oldLife, life] = [old.life ?? "fresh", now.life ?? "fresh"];
  if (oldLife !== life) {
    const effect = LIVES.indexOf(life) > LIVES.indexOf(oldLife) ? "widens" : "narrows";
    changes.add("grant", script, effect, `its cell may live ${life} and no longer ${oldLife}`);
  }
  const [oldLevel, level] = [old.minLevel ?? 0, now.minLevel ?? 0];
  if (oldLevel !== level) {
    const words = `runs from isolation level ${level} on and no longer from ${oldLevel}`;
    changes.add("grant", script, level < oldLevel ? "widens" : "narrows", words);
  }
}

/**
 * Capabilities and endpoints by their words: one that is worded differently is a new one, as most
 * settings cannot be said to be wider or narrower.
 */
function diffServices(script: string, old: Grant, now: Grant, changes: Changes): void {
  const [before, after] = [serviceRules(old), serviceRules(now)];
  for (const { words } of after.filter((rule) => !before.some((b) => b.words === rule.words))) {
    changes.add("grant", script, "widens", words);
  }
  for (const { words } of before.filter((rule) => !after.some((a) => a.words === rule.words))) {
    changes.add("grant", script, "narrows", `no longer ${words}`);
  }
}

function diffPermissions(
  part: ChangedPart,
  subject: string,
  old: Permissions,
  now: Permissions,
  changes: Changes,
  lead = "",
): void {
  const say = (words: string) => (lead === "" ? words : `${lead}: ${words}`);
  for (const [rule, entry] of entriesOf(now)) {
    if (entriesOf(old).some(([, known]) => same(known, entry))) continue;
    const effect = firstUncovered(entry, old) === undefined ? "changes" : "widens";
    changes.add(part, subject, effect, say(rule.words), rule.unsafe);
  }
  for (const [rule, entry] of entriesOf(old)) {
    if (entriesOf(now).some(([, kept]) => same(kept, entry))) continue;
    const covered = firstUncovered(entry, now) === undefined;
    const words = covered
      ? `has no rule of its own any more: ${rule.words}`
      : `no longer ${rule.words}`;
    changes.add(part, subject, covered ? "changes" : "narrows", say(words), rule.unsafe);
  }
}

/** Each rule with the permissions that hold it and nothing else. */
function entriesOf(permissions: Permissions): [rule: ExplainedRule, alone: Permissions][] {
  return (Object.keys(permissions) as (keyof Permissions)[]).flatMap((kind) =>
    (permissions[kind] ?? []).map((value): [ExplainedRule, Permissions] => {
      const alone: Permissions = { [kind]: [value] };
      return [permissionRules(alone)[0]!, alone];
    })
  );
}

function diffLimits(
  part: ChangedPart,
  subject: string,
  old: Limits,
  now: Limits,
  changes: Changes,
): void {
  for (const name of Object.keys(LIMIT_KEYS) as (keyof Limits)[]) {
    if (old[name] === now[name]) continue;
    const { key, format } = LIMIT_KEYS[name];
    const effect = now[name] > old[name] ? "widens" : "narrows";
    const words = `limit of ${key} is ${format(now[name])} and no longer ${format(old[name])}`;
    changes.add(part, subject, effect, words);
  }
}

function rulesOf(grant: Grant): ExplainedRule[] {
  return [...permissionRules(grant.permissions), ...serviceRules(grant)];
}

function serviceRules({ capabilities, serve }: Grant): ExplainedRule[] {
  return [...capabilityRules(capabilities), ...serveRules(serve)];
}
