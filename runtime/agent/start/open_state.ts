import type { KeyId } from "../../core/documents/common.ts";
import { keyId, type Signer } from "../../core/key.ts";
import { AuditLog } from "../audit/audit_log.ts";
import { recordRestore } from "../backup/restored.ts";
import { TrustedClock } from "../clock.ts";
import { type Log, silentLog } from "../log.ts";
import { loadAgentKey } from "../state/agent_key.ts";
import { beginAfterLoss, hasLostRecords } from "../state/lost_records.ts";
import { loadOperatorToken, tokenCheck } from "../state/operator_token.ts";
import { openStateDir, type StateDir } from "../state/state_dir.ts";
import { getMeta } from "../store/meta.ts";
import { Store } from "../store/store.ts";

/** What an agent is and remembers, before it knows any rules. */
export interface OpenState {
  readonly dir: StateDir;
  readonly signer: Signer;
  readonly agent: KeyId;
  readonly store: Store;
  readonly clock: TrustedClock;
  readonly audit: AuditLog;
  readonly log: Log;
  /** The trusted clock, milliseconds since the epoch. */
  now(): number;
  /** Whether this is the local operator's token. */
  isOperator(token: string): boolean;
}

/**
 * Opens the state directory and, in it, identity, database, clock and audit log; says so in the log
 * when the records of before are lost, or come from a backup.
 *
 * @param started Closes what was opened, the last first.
 * @throws {AgentError} state_permissions, state_locked, state_newer, state_rolled_back,
 *   audit_broken, state_unreadable, key_unreadable, disk_full – the directory cannot be used.
 */
export async function openState(
  started: AsyncDisposableStack,
  options: { stateDir: string; now?: () => number; log?: Log },
): Promise<OpenState> {
  const { log = silentLog } = options;
  const dir = started.use(openStateDir(options.stateDir));
  const lost = hasLostRecords(dir);
  const signer = loadAgentKey(dir.key);
  const agent = keyId(signer.publicKey);
  const isOperator = tokenCheck(loadOperatorToken(dir.token));
  const store = started.use(Store.open(dir.database));
  const clock = new TrustedClock(options.now, Number(getMeta(store, "clock_floor") ?? 0));
  const now = () => clock.now();
  const audit = started.use(new AuditLog({ store, signer, headFile: dir.auditHead, now, log }));
  started.defer(() => store.flush());
  if (lost) await beginAfterLoss({ store, audit, agent, now: now() });
  await recordRestore({ store, audit, agent });
  return { dir, signer, agent, store, clock, audit, log, now, isOperator };
}
