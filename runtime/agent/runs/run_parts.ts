import type { AuditLog } from "../audit/audit_log.ts";
import type { TrustedClock } from "../clock.ts";
import { lendingOf, type LentParts } from "../cells/lending_of.ts";
import { ScriptCells } from "../cells/script_cells.ts";
import { ScriptWords } from "../cells/script_words.ts";
import { ServedScripts } from "../scripts/served_scripts.ts";
import type { ContentStore } from "../content/content_store.ts";
import { ServedCounts } from "../endpoint/served_counts.ts";
import { ScriptLibrary } from "../scripts/script_library.ts";
import { ManifestTable } from "../store/manifests.ts";
import { OrderTable } from "../store/orders.ts";
import { RunEventTable } from "../store/run_events.ts";
import { RunTable, type UnfinishedRun } from "../store/runs.ts";
import type { Store } from "../store/store.ts";
import { EventHub } from "./event_hub.ts";
import { OrderIntake } from "../orders/order_intake.ts";
import { Refusals } from "../orders/refusals.ts";
import { RunExecutor } from "./run_executor.ts";
import { RunRecorder } from "./run_recorder.ts";
import { Scheduler } from "./scheduler.ts";
import { ModuleParser } from "../scripts/module_parser.ts";
import { AttachmentOwnerTable } from "../store/attachment_owners.ts";
import { WantedAttachments } from "../orders/wanted_attachments.ts";

/** What {@linkcode makeRunParts} works with. */
export interface RunPartsOptions extends LentParts {
  store: Store;
  audit: AuditLog;
  clock: TrustedClock;
  blobs: ContentStore;
  modules: ContentStore;
  nodeRuns: number;
  /** Throws when the state folder may not grow; absent where it always may. */
  requireRoom?(): void;
}

/**
 * Makes everything between an order and the end of its run, and puts it together.
 *
 * @param stopping Aborted when the agent stops.
 */
export function makeRunParts(options: RunPartsOptions, stopping: AbortSignal) {
  const { store, audit, clock, blobs, modules, rules, runner, log, nodeRuns } = options;
  const now = () => clock.now();
  const policy = () => rules().policy;
  const sources = () => rules().sources;
  const runs = new RunTable(store);
  const events = new RunEventTable(store);
  const orders = new OrderTable(store);
  const manifests = new ManifestTable(store);
  const hub = new EventHub();
  const shared = { ...options, orders, runs, events, manifests, policy, now };

  const library = new ScriptLibrary({ sources, manifests, modules, now, log });
  const parser = new ModuleParser(runner);
  const served = new ServedScripts({ ...shared, library, parser, stopping });
  const counts = new ServedCounts({ store, audit, now, log });
  const words = new ScriptWords({ store, audit, library, now, log });

  // What comes later is asked for later: when a run has ended, or wakes its script.
  const again = (run: UnfinishedRun) => scheduler.add(run);
  const withdraw = (id: number) => scheduler.withdraw(id);
  const lending = lendingOf({ ...shared, scheduler: { add: again, withdraw } });
  const cells = new ScriptCells({ runner, lending, words, log });
  const recorder = new RunRecorder({ store, runs, events, hub, words, audit, now, log });
  const executor = new RunExecutor({ ...shared, library, recorder, cells, parser, again });
  const scheduler = new Scheduler({
    nodeRuns,
    now,
    scriptRuns: (script) => policy().grants.get(script)?.limits.runs ?? 1,
    execute: (run, signal) => executor.execute(run, signal),
    drop: (run, why) => executor.drop(run, why),
  });

  const refusals = new Refusals({ store, audit, policy, now, log });
  const wanted = new WantedAttachments();
  const owners = new AttachmentOwnerTable(store);
  const intake = new OrderIntake({ ...shared, blobs, wanted, owners, refusals, scheduler });
  const tables = { store, runs, events, manifests };
  const orderParts = { intake, wanted, owners, refusals };
  const cellParts = { lending, cells, served, counts, words };
  return {
    ...tables,
    ...orderParts,
    ...cellParts,
    hub,
    recorder,
    executor,
    scheduler,
    policy,
    now,
  };
}

/** Everything between an order and the end of its run. */
export type RunParts = ReturnType<typeof makeRunParts>;
