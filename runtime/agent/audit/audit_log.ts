import { canonicalText } from "../../core/canonical_json.ts";
import type { Digest } from "../../core/documents/common.ts";
import type { Signer } from "../../core/key.ts";
import { AgentError, messageOf } from "../errors.ts";
import { AGENT_LIMITS } from "../limits.ts";
import type { Log } from "../log.ts";
import { writeDurably } from "../state/durable_write.ts";
import { getMeta, setMeta } from "../store/meta.ts";
import type { Store } from "../store/store.ts";
import { type AuditHead, parseHead, signHead } from "./audit_head.ts";
import { readHeadFile } from "./head_file.ts";
import { type AuditEvent, type AuditRow, FIRST_PREV, hashOfRow } from "./audit_row.ts";
import { verifyAudit } from "./verify_audit.ts";

/** What an {@linkcode AuditLog} works with. */
export interface AuditLogOptions {
  store: Store;
  signer: Signer;
  /** Where a copy of the signed head lies, so that cutting off the end of the table shows. */
  headFile: string;
  now(): number;
  log: Log;
}

/** The append-only record of what the agent did and refused, each row bound to the one before. */
export class AuditLog implements Disposable {
  readonly #options: AuditLogOptions;
  #end: { seq: number; hash: Digest } | undefined;
  #head: AuditHead | undefined;
  #savedSeq = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * @throws {AgentError} state_rolled_back – the saved head is not in the table: an older copy of
   *   the database was put back, and with it orders that ran could run again.
   * @throws {AgentError} audit_broken – the newest rows are not as this agent signed them.
   */
  constructor(options: AuditLogOptions) {
    this.#options = options;
    this.#refuseRollback();
    this.#refuseBroken();
    options.store.onCommit({ before: () => this.#sign(), after: () => this.#saveSoon() });
  }

  /** The newest signed head. */
  get head(): AuditHead | undefined {
    return this.#head ?? parseHead(getMeta(this.#options.store, "audit_head") ?? "");
  }

  /** Adds a row. Call inside `Store.write()`, so that the row and what it tells of are one. */
  append({ event, detail }: AuditEvent): void {
    const { store, now } = this.#options;
    // Read back each time: a change that was taken back took its row with it.
    const last = store.sql("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1").get();
    const row = {
      seq: Number(last?.seq ?? 0) + 1,
      time: now(),
      event,
      detail: canonicalText(detail),
      prev: (last?.hash ?? FIRST_PREV) as Digest,
    };
    const hash = hashOfRow(row);
    store.sql("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?)")
      .run(row.seq, row.time, row.event, row.detail, row.prev, hash);
    this.#end = { seq: row.seq, hash };
  }

  /** Copies the signed head to its file now. */
  save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (!this.#head || this.#head.seq === this.#savedSeq) return;
    try {
      writeDurably(this.#options.headFile, JSON.stringify(this.#head) + "\n");
      this.#savedSeq = this.#head.seq;
    } catch (error) {
      // The signed head in the database still stands; a full disk must not stop the agent.
      this.#options.log("error", "audit head not saved", { error: messageOf(error) });
    }
  }

  [Symbol.dispose](): void {
    this.save();
  }

  #sign(): void {
    if (!this.#end) return;
    const { store, signer, now } = this.#options;
    const { seq, hash } = store.sql("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
      .get() as { seq: number; hash: Digest };
    this.#end = undefined;
    this.#head = signHead({ seq, hash, time: now() }, signer);
    setMeta(store, "audit_head", JSON.stringify(this.#head));
  }

  #saveSoon(): void {
    if (!this.#head || this.#head.seq === this.#savedSeq) return;
    if (this.#savedSeq === 0) return this.save();
    this.#timer ??= setTimeout(() => this.save(), AGENT_LIMITS.HEAD_FILE_MS);
  }

  /** The newest rows only: the whole log would take seconds, and `writ audit verify` reads it. */
  #refuseBroken(): void {
    const { store, signer, headFile } = this.#options;
    const rows = store.sql("SELECT * FROM audit ORDER BY seq DESC LIMIT ?")
      .all(AGENT_LIMITS.AUDIT_ROWS_AT_START).reverse() as unknown as AuditRow[];
    const heads = [readHeadFile(headFile), this.head].filter((head) => head !== undefined);
    const [first] = rows;
    const start = first && { seq: first.seq - 1, hash: first.prev };
    const { ok, firstBad } = verifyAudit(rows, heads, signer.publicKey, start);
    if (ok) return;
    throw new AgentError(
      "audit_broken",
      `Cannot go on with the audit log as row ${firstBad!.seq} is not as it was signed: ` +
        firstBad!.fault,
    );
  }

  #refuseRollback(): void {
    const { store, headFile } = this.#options;
    const head = readHeadFile(headFile);
    if (!head) return;
    const row = store.sql("SELECT hash FROM audit WHERE seq = ?").get(head.seq);
    if (row?.hash === head.hash) return;
    throw new AgentError(
      "state_rolled_back",
      `Cannot use the state directory as its database is older than "${headFile}": row ${head.seq} ${
        row ? "differs" : "is missing"
      }`,
    );
  }
}
