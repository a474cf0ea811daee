import { digestOf } from "../../core/digest.ts";
import type { Digest, ScriptName } from "../../core/documents/common.ts";
import { parseDocument } from "../../core/documents/parse.ts";
import { openEnvelope, signedBy } from "../../core/dsse.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import type { RefusedCall } from "../audit/audit_row.ts";
import { messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import type { Store } from "../store/store.ts";

/** A message may quote what was sent. */
const MESSAGE_LENGTH = 500;
const PATH_LENGTH = 200;

/** What {@linkcode Refusals} work with. */
export interface RefusalsOptions {
  store: Store;
  audit: AuditLog;
  policy(): PolicyInForce;
  now(): number;
  log: Log;
}

/**
 * Writes down what was refused. An order that a known orderer's key signed has a row of its own,
 * once, as long as there are not too many; the rest, strangers, and whoever sends the same order
 * again and again, are only counted, one row for each span of time. So nobody can fill the disk,
 * not even with orders picked up on the way.
 */
export class Refusals implements Disposable {
  readonly #options: RefusalsOptions;
  readonly #known = new Set<Digest>();
  /** Keys, routes and codes that have their row of this span of time. */
  readonly #calls = new Set<string>();
  /** Rows of this span of time for refused orders, by the orderers that signed them. */
  readonly #rows = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  #since = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /** An order was refused. */
  order(bytes: Uint8Array, refusal: Error & { code: string }): void {
    const { policy, audit } = this.#options;
    const digest = digestOf(bytes);
    const orderers = this.#known.has(digest) ? [] : signingOrderers(bytes, policy());
    const signed = orderers.join(" ");
    const rows = this.#rows.get(signed) ?? 0;
    if (orderers.length === 0 || rows >= AGENT_LIMITS.REFUSED_ROWS) {
      return this.count(refusal.code);
    }
    this.#rows.set(signed, rows + 1);
    this.#flushLater();
    if (this.#known.size >= AGENT_LIMITS.REFUSED_ORDERS) {
      this.#known.delete(this.#known.values().next().value!);
    }
    this.#known.add(digest);
    const { code } = refusal;
    const message = refusal.message.slice(0, MESSAGE_LENGTH);
    this.#options.log("warn", "order refused", { orderers, code, error: message });
    this.#write(() =>
      audit.append({
        event: "order_refused",
        detail: { digest, orderers, code, message, ...askedScript(bytes) },
      })
    );
  }

  /**
   * A signed call was refused. Each key has one row for each route and reason in a span of time;
   * the rest is counted, so that a known caller cannot fill the disk either.
   */
  call(refused: RefusedCall): void {
    const { key, orderers, route, code } = refused;
    const kind = `${key} ${route} ${code}`;
    this.count(code);
    if (this.#calls.has(kind)) return;
    this.#calls.add(kind);
    const path = refused.path.slice(0, PATH_LENGTH);
    this.#options.log("warn", "call refused", { key, orderers, path, code });
    this.#write(() =>
      this.#options.audit.append({ event: "call_refused", detail: { ...refused, path } })
    );
  }

  /** Something was refused to somebody unknown. */
  count(code: string): void {
    if (this.#counts.size === 0) this.#since = this.#options.now();
    this.#counts.set(code, (this.#counts.get(code) ?? 0) + 1);
    this.#flushLater();
  }

  /** Writes what was counted so far. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#rows.clear();
    if (this.#counts.size === 0) return;
    const detail = {
      since: new Date(this.#since).toISOString(),
      until: new Date(this.#options.now()).toISOString(),
      counts: Object.fromEntries(this.#counts),
    };
    this.#counts.clear();
    this.#calls.clear();
    this.#write(() => this.#options.audit.append({ event: "refusals_counted", detail }));
  }

  [Symbol.dispose](): void {
    this.flush();
  }

  #flushLater(): void {
    this.#timer ??= setTimeout(() => this.flush(), AGENT_LIMITS.REFUSAL_WINDOW_MS);
  }

  #write(change: () => void): void {
    this.#options.store.write(change).catch((error) => {
      this.#options.log("error", "refusal not recorded", { error: messageOf(error) });
    });
  }
}

/** What the order asks for, where it can be told: an admin may want to let it run. */
function askedScript(bytes: Uint8Array): { script?: ScriptName; wanted?: string } {
  try {
    const { script } = parseDocument("order", openEnvelope("order", bytes).payload);
    return { script: script.name, wanted: "sha256" in script ? script.sha256 : script.range };
  } catch {
    return {};
  }
}

/** The orderers any of whose keys really signed. */
function signingOrderers(bytes: Uint8Array, policy: PolicyInForce): string[] {
  try {
    const envelope = openEnvelope("order", bytes);
    return [...policy.orderers]
      .filter(([, role]) => signedBy(envelope, role.keys).size > 0)
      .map(([name]) => name);
  } catch {
    return [];
  }
}
