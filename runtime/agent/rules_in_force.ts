import type { AuditLog } from "./audit/audit_log.ts";
import { AgentError, messageOf } from "./errors.ts";
import type { Log } from "./log.ts";
import type { Store } from "./store/store.ts";
import type { LoadRules, Rules } from "./trust/load_rules.ts";
import type { TrustStore } from "./trust/trust_store.ts";

/** What {@linkcode RulesInForce} works with. */
export interface RulesInForceOptions {
  load: LoadRules;
  trust: TrustStore;
  store: Store;
  audit: AuditLog;
  log: Log;
}

/** The rules the agent works by; a reload replaces all of them or none. */
export class RulesInForce {
  readonly #options: RulesInForceOptions;
  #current: Rules;
  #reloading: Promise<void> = Promise.resolve();

  private constructor(options: RulesInForceOptions, rules: Rules) {
    this.#options = options;
    this.#current = rules;
  }

  /**
   * @throws {AgentError} policy – with the reason as `cause`; without rules no agent starts.
   */
  static async load(options: RulesInForceOptions): Promise<RulesInForce> {
    try {
      const rules = await options.load(contextOf(options));
      await recordLoaded(options, rules);
      return new RulesInForce(options, rules);
    } catch (error) {
      await recordRefused(options, error);
      if (error instanceof AgentError) throw error;
      throw new AgentError("policy", messageOf(error), { cause: error });
    }
  }

  get current(): Rules {
    return this.#current;
  }

  /**
   * Loads the rules anew. Any mistake leaves the old ones in force.
   *
   * @throws {AgentError} policy – with the reason as `cause`.
   */
  reload(): Promise<void> {
    // One after another: the last one asked for is the one that stays.
    const next = this.#reloading.then(() => this.#load());
    this.#reloading = next.catch(() => {});
    return next;
  }

  async #load(): Promise<void> {
    try {
      const rules = await this.#options.load(contextOf(this.#options));
      await recordLoaded(this.#options, rules);
      this.#current = rules;
    } catch (error) {
      await recordRefused(this.#options, error);
      if (error instanceof AgentError) throw error;
      throw new AgentError("policy", messageOf(error), { cause: error });
    }
  }
}

function contextOf(options: RulesInForceOptions) {
  const { trust, log } = options;
  const refused = (error: Error) => {
    recordRefused(options, error).catch(() => {});
  };
  return { trust, log, refused };
}

async function recordLoaded({ store, audit, log }: RulesInForceOptions, { policy }: Rules) {
  const { digest, fleet } = policy;
  await store.write(() =>
    audit.append({ event: "policy_loaded", detail: { policy: digest, fleet } })
  );
  log("info", "policy loaded", { fleet, policy: digest });
}

async function recordRefused({ store, audit, log }: RulesInForceOptions, error: unknown) {
  const message = messageOf(error).slice(0, 4_000);
  const code = error instanceof Error && "code" in error ? String(error.code) : "policy";
  log("error", "policy refused", { code, error: message });
  await store.write(() => audit.append({ event: "policy_refused", detail: { code, message } }));
}
