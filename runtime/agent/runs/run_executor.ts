import type { KeyId } from "../../core/documents/common.ts";
import type { Manifest } from "../../core/documents/manifest.ts";
import { VerificationError } from "../../core/errors.ts";
import type { Figures, Outcome } from "../../core/outcome.ts";
import type { PolicyInForce } from "../../core/policy_in_force.ts";
import { type Authorized, authorizeRun } from "../../core/verification/authorize_run.ts";
import { scriptNameOf, type VerifiedManifest } from "../../core/verification/manifest.ts";
import { SCRIPT_ORDERER, type VerifiedOrder, verifyOrder } from "../../core/verification/order.ts";
import { verifyScheduledOrder } from "../../core/verification/scheduled_order.ts";
import { PolicyError } from "../../policy/errors.ts";
import { CellError } from "../../sandbox/errors.ts";
import type { AuditLog } from "../audit/audit_log.ts";
import type { ScriptCells } from "../cells/script_cells.ts";
import type { ContentStore } from "../content/content_store.ts";
import { AgentError, messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ScriptLibrary } from "../scripts/script_library.ts";
import type { ManifestTable } from "../store/manifests.ts";
import type { OrderTable } from "../store/orders.ts";
import type { UnfinishedRun } from "../store/runs.ts";
import { highestSequence, raiseSequence } from "../store/sequences.ts";
import type { Store } from "../store/store.ts";
import { openAttachments } from "./attachments.ts";
import { afterRun } from "./after_run.ts";
import { InputChecker } from "./input_checker.ts";
import { NodeRefusal } from "../scripts/node_refusal.ts";
import { readableTrace } from "./readable_trace.ts";
import { resolveScript } from "../scripts/resolve_script.ts";
import type { RunRecorder } from "./run_recorder.ts";
import type { Runner } from "../cells/runner.ts";
import type { ModuleParser } from "../scripts/module_parser.ts";

/** What a {@linkcode RunExecutor} works with. */
export interface RunExecutorOptions {
  agent: KeyId;
  store: Store;
  orders: OrderTable;
  manifests: ManifestTable;
  blobs: ContentStore;
  library: ScriptLibrary;
  recorder: RunRecorder;
  audit: AuditLog;
  runner: Runner;
  parser: ModuleParser;
  cells: Pick<ScriptCells, "run">;
  policy(): PolicyInForce;
  /** Takes the run that is to follow one that ended. */
  again(run: UnfinishedRun): void;
  now(): number;
  log: Log;
}

interface Ended {
  outcome: Outcome;
  figures: Figures | null;
  dropped?: number;
  /** Absent when it never began. */
  manifest?: Manifest;
}

/** Carries one stored run to its end: authorize, begin, run, record. */
export class RunExecutor {
  readonly #options: RunExecutorOptions;
  readonly #parser: ModuleParser;
  readonly #inputs = new InputChecker();
  readonly #stopping = new AbortController();
  readonly #leaving = new AbortController();

  constructor(options: RunExecutorOptions) {
    this.#options = options;
    this.#parser = options.parser;
  }

  /** Tells all that run that the agent is about to stop. */
  leave(): void {
    this.#leaving.abort();
  }

  /** From now on a run that is aborted is interrupted by the agent, not cancelled by its operator. */
  stop(): void {
    this.#stopping.abort();
    this.#inputs[Symbol.dispose]();
  }

  /** Never rejects. A run that had not begun when the agent stopped stays as it is. */
  async execute(run: UnfinishedRun, signal: AbortSignal): Promise<void> {
    const { recorder, log } = this.#options;
    try {
      const ended = await this.#attempt(run, signal);
      if (!ended) return;
      const { outcome, figures, dropped = 0, manifest } = ended;
      const { idempotent = false, retry = null } = manifest ?? {};
      const begun = { ...run, idempotent, retry };
      // Who cancelled it wants no other attempt either, also when the word came too late.
      const cancelled = signal.aborted && !this.#stopping.signal.aborted;
      const after = cancelled ? {} : await afterRun(begun, outcome, this.#options.now());
      const store = () => recorder.end(begun, outcome, figures, { dropped, ...after });
      const next = await recorder.untilStored(store, this.#stopping.signal);
      if (next) this.#options.again(next);
    } catch (error) {
      log("error", "run left without an outcome", { run: run.id, error: messageOf(error) });
    }
  }

  /** Ends a run that never began. Never rejects. */
  async drop(run: UnfinishedRun, why: "cancelled" | "expired"): Promise<void> {
    const { recorder, log } = this.#options;
    const outcome: Outcome = why === "cancelled"
      ? { outcome: "cancelled", detail: { reason: "cancelled before it began" } }
      : late(run);
    try {
      const store = () => recorder.end(run, outcome, null);
      await recorder.untilStored(store, this.#stopping.signal);
    } catch (error) {
      log("error", "run left without an outcome", { run: run.id, error: messageOf(error) });
    }
  }

  async #attempt(run: UnfinishedRun, signal: AbortSignal): Promise<Ended | undefined> {
    try {
      return await this.#run(run, signal);
    } catch (error) {
      if (signal.aborted) return this.#aborted();
      return { outcome: this.#outcomeOf(run, error), figures: null };
    }
  }

  async #run(run: UnfinishedRun, signal: AbortSignal): Promise<Ended | undefined> {
    const { blobs, cells, library, recorder } = this.#options;
    const { verified, authorized, order } = await this.#authorize(run, signal);
    const { orderer, order: { input, attachments } } = order;
    using documents = await openAttachments(attachments, blobs);
    const level = await this.#requireLevel(authorized);
    signal.throwIfAborted();
    const { manifest } = authorized;
    const started = await recorder.untilStored(
      async () => {
        await recorder.begin(run, {
          version: manifest.version,
          module: authorized.moduleDigest,
          policy: authorized.policyDigest,
          level,
          idempotent: manifest.idempotent,
          retry: manifest.retry ?? null,
        }, () => this.#remember(run, order, verified));
        return true;
      },
      signal,
      () => this.#options.now() >= run.expires,
    );
    if (!started) return signal.aborted ? this.#aborted() : { outcome: late(run), figures: null };
    const { onEvent, close } = recorder.listener(run);
    const scriptUrl = `script://${run.script}@${manifest.version}`;
    const leaving = this.#leaving.signal;
    const call = { input, attachments: documents.sources, signal, leaving, onEvent };
    const lentTo = { id: run.id, orderer, attempt: run.attempt };
    const report = await cells.run(authorized, lentTo, call)
      .catch((error) => ({ outcome: this.#outcomeOf(run, error), figures: null }));
    const outcome = report.outcome.outcome === "cancelled" && this.#stopping.signal.aborted
      ? interrupted("the agent stopped")
      : await readableTrace(report.outcome, manifest, { scriptUrl, library });
    return { outcome, figures: report.figures, dropped: close(), manifest };
  }

  /** Everything that held when the order came in is asked again, of the policy of this moment. */
  async #authorize(run: UnfinishedRun, signal: AbortSignal) {
    const { store, library } = this.#options;
    const policyBefore = this.#options.policy();
    const before = this.#verify(run, policyBefore);
    const { verified, manifestBytes, moduleBytes } = await resolveScript(before.order, {
      library,
      policy: policyBefore,
      highestSequence: highestSequence(store, run.script),
      signal,
    });
    await this.#inputs.require(before.order.input, verified);
    const parsers = await this.#parser.prepare(moduleBytes, verified.manifest, signal);
    // A source that answers slowly carries no order past its expiry or past a change of the policy.
    const policy = this.#options.policy();
    const order = policy === policyBefore ? before : this.#verify(run, policy);
    const authorized = authorizeRun({
      order,
      manifestBytes,
      moduleBytes,
      policy,
      now: this.#options.now(),
      highestSequence: highestSequence(store, run.script),
      parsers,
    });
    return { verified: { ...verified, manifestBytes }, authorized, order };
  }

  #verify(run: UnfinishedRun, policy: PolicyInForce): VerifiedOrder {
    const { agent, orders, now } = this.#options;
    const stored = orders.get(run.order);
    if (!stored) throw new TypeError(`Cannot carry out run ${run.id} as its order is not stored`);
    if (stored.orderer === SCRIPT_ORDERER) {
      const { script } = stored;
      return verifyScheduledOrder(stored.envelope, { policy, script, agent, now: now() });
    }
    return verifyOrder(stored.envelope, { policy, agent, now: now(), seen: () => false });
  }

  async #requireLevel({ grant }: Authorized): Promise<number> {
    const level = await this.#options.runner.level();
    if (level >= (grant.minLevel ?? 0)) return level;
    throw new NodeRefusal(
      "isolation_level",
      `Cannot run "${grant.script}" as its grant demands isolation level ${grant.minLevel}: ${level}`,
    );
  }

  /** With the run that begins, in one transaction. */
  #remember(
    run: UnfinishedRun,
    { orderer, digest: order }: VerifiedOrder,
    { manifest, digest, manifestBytes }: VerifiedManifest & { manifestBytes: Uint8Array },
  ): void {
    const { audit, manifests, store } = this.#options;
    const script = scriptNameOf(manifest);
    // What somebody ordered was written down as it came.
    if (orderer === SCRIPT_ORDERER) {
      const detail = { order: run.order, run: run.id, orderer, script, digest: order };
      audit.append({ event: "order_accepted", detail });
    }
    manifests.put(script, manifest.version, manifest.module.sha256, digest, manifestBytes);
    raiseSequence(store, script, manifest.sequence);
  }

  #aborted(): Ended | undefined {
    if (this.#stopping.signal.aborted) return undefined;
    const outcome = {
      outcome: "cancelled",
      detail: { reason: "cancelled before it began" },
    } as const;
    return { outcome, figures: null };
  }

  #outcomeOf(run: UnfinishedRun, error: unknown): Outcome {
    if (error instanceof VerificationError || error instanceof NodeRefusal) {
      return refused(error.code, error.message);
    }
    if (error instanceof AgentError && error.code === "attachment_missing") {
      return refused("attachment_missing", error.message);
    }
    if (error instanceof CellError || error instanceof PolicyError) {
      return refused("cell_start", error.message);
    }
    this.#options.log("error", "run failed in the agent", { run: run.id, error: messageOf(error) });
    return interrupted("the agent failed");
  }
}

/** The outcome of a run that the agent did not see to its end. */
export function interrupted(reason: string): Outcome {
  return { outcome: "interrupted", detail: { reason } };
}

function refused(
  rule: Extract<Outcome, { outcome: "refused" }>["detail"]["rule"],
  message: string,
): Outcome {
  return { outcome: "refused", detail: { rule, message } };
}

function late({ order }: UnfinishedRun): Outcome {
  return refused("expired", `Cannot run order ${order} as it expired before its turn came`);
}
