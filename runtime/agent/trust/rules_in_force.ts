import type { Digest } from "../../core/documents/common.ts";
import { policyFromRules, type PolicyInForce, rulesOf } from "../../core/policy_in_force.ts";
import { changeText } from "../../policy/diff/change_text.ts";
import type { PolicyChange } from "../../policy/mod.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import { AgentError, messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { getMeta, setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import type { LoadContext, LoadRules, Rules } from "./load_rules.ts";
import type { TrustStore } from "./trust_store.ts";

/** What {@linkcode RulesInForce} works with. */
export interface RulesInForceOptions {
  load: LoadRules;
  trust: TrustStore;
  store: Store;
  audit: AuditLog;
  log: Log;
}

/** What a reload did. */
export interface Reloaded {
  readonly policy: Digest;
  /** What is different now; empty when the rules are the same. */
  readonly changes: readonly PolicyChange[];
}

/** Where the rules are remembered, so that a change made while the agent was off shows as well. */
const REMEMBERED = "policy_rules";

/** The rules the agent works by; a reload replaces all of them or none. */
export class RulesInForce {
  readonly #options: RulesInForceOptions;
  #current!: Rules;
  #reloading: Promise<unknown> = Promise.resolve();
  readonly #changed: (() => void)[] = [];
  /** Said already, and not to be said again at every change of a file. */
  #lastRefusal: string | undefined;

  private constructor(options: RulesInForceOptions) {
    this.#options = options;
  }

  /**
   * @throws {AgentError} policy – with the reason as `cause`; without rules no agent starts.
   */
  static async load(options: RulesInForceOptions): Promise<RulesInForce> {
    const rules = new RulesInForce(options);
    await rules.#load(remembered(options.store), true);
    return rules;
  }

  /** Calls back whenever other rules are in force. */
  onChange(changed: () => void): void {
    this.#changed.push(changed);
  }

  get current(): Rules {
    return this.#current;
  }

  /**
   * Loads the rules anew. Any mistake leaves the old ones in force. What changed is written down
   * with the new policy's digest.
   *
   * @param options.asked Whether somebody asked for it. Otherwise, as when a file changed, a reload
   * that finds the same rules, or the same mistake again, leaves no row.
   * @throws {AgentError} policy – with the reason as `cause`.
   */
  reload({ asked = true }: { asked?: boolean } = {}): Promise<Reloaded> {
    // One after another: the last one asked for is the one that stays.
    const next = this.#reloading.then(() => this.#load(this.#current.policy, asked));
    this.#reloading = next.catch(() => {});
    return next;
  }

  async #load(before: PolicyInForce | undefined, asked: boolean): Promise<Reloaded> {
    if (asked) this.#lastRefusal = undefined;
    try {
      const rules = await this.#options.load(this.#context());
      const sameAgain = before?.digest === rules.policy.digest;
      const changes = before && !sameAgain ? await changesOf(before, rules.policy) : [];
      if (asked || !sameAgain) await this.#recordLoaded(rules, before, changes);
      const samePeers = this.#current && wordsOfPeers(this.#current) === wordsOfPeers(rules);
      this.#current = rules;
      // The policy's digest, which is the same as before, does not tell that this took.
      if (sameAgain && !samePeers) {
        this.#options.log("info", "peers loaded", { peers: rules.peers?.length ?? 0 });
      }
      if (!sameAgain || !samePeers) { for (const changed of this.#changed) changed(); }
      return { policy: rules.policy.digest, changes };
    } catch (error) {
      await this.#recordRefused(error);
      if (error instanceof AgentError) throw error;
      throw new AgentError("policy", messageOf(error), { cause: error });
    }
  }

  #context(): LoadContext {
    const { trust, log } = this.#options;
    const refused = (error: Error) => {
      this.#recordRefused(error).catch(() => {});
    };
    return { trust, log, refused };
  }

  async #recordLoaded(
    { policy }: Rules,
    before: PolicyInForce | undefined,
    changes: readonly PolicyChange[],
  ): Promise<void> {
    const { store, audit, log } = this.#options;
    const { digest, fleet } = policy;
    this.#lastRefusal = undefined;
    const told = changes.slice(0, AGENT_LIMITS.CHANGES_TOLD)
      .map((change) => changeText(change).slice(0, AGENT_LIMITS.CHANGE_CHARACTERS));
    await store.write(() => {
      if (before?.digest !== digest) setMeta(store, REMEMBERED, JSON.stringify(rulesOf(policy)));
      audit.append({
        event: "policy_loaded",
        detail: {
          policy: digest,
          fleet,
          before: before?.digest ?? null,
          changes: told,
          untold: changes.length - told.length,
        },
      });
    });
    log("info", "policy loaded", { fleet, policy: digest, changes: changes.length });
    if (policy.auditMode) log("warn", "audit mode: nothing runs, everything is recorded");
    for (const text of told) log("info", "policy changed", { change: text });
  }

  async #recordRefused(error: unknown): Promise<void> {
    const { store, audit, log } = this.#options;
    const message = messageOf(error).slice(0, 4_000);
    const code = error instanceof Error && "code" in error ? String(error.code) : "policy";
    if (this.#lastRefusal === message) return;
    this.#lastRefusal = message;
    log("error", "policy refused", { code, error: message });
    await store.write(() => audit.append({ event: "policy_refused", detail: { code, message } }));
  }
}

/** Loaded only now, as most agents see no change for months. */
async function changesOf(before: PolicyInForce, after: PolicyInForce): Promise<PolicyChange[]> {
  const { diffPolicies } = await import("../../policy/diff/diff_policies.ts");
  return diffPolicies(before, after);
}

/** The policy that was in force when the agent stopped. */
function remembered(store: Store): PolicyInForce | undefined {
  const text = getMeta(store, REMEMBERED);
  try {
    return text === undefined ? undefined : policyFromRules(JSON.parse(text));
  } catch {
    // Of another version of Writ: the diff is lost, the policy is not.
    return undefined;
  }
}

/** What the policy's digest does not cover, and peering works by. */
function wordsOfPeers({ peers, relay, relays, hub }: Rules): string {
  return JSON.stringify([peers, relay, relays, hub]);
}
