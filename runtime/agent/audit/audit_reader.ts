import type { DatabaseSync } from "node:sqlite";
import type { PublicKey } from "../../core/documents/common.ts";
import { signerFromPem } from "../../core/pem.ts";
import { AgentError, messageOf } from "../errors.ts";
import { statePaths } from "../state/state_dir.ts";
import { openDatabaseForReading } from "../store/open_database.ts";
import { type AuditHead, parseHead } from "./audit_head.ts";
import type { AuditRow } from "./audit_row.ts";
import { readHeadFile } from "./head_file.ts";
import { type AuditVerdict, verifyAudit } from "./verify_audit.ts";

/**
 * Reads the audit log of a state directory, also while an agent is writing it. Takes no lock and
 * changes nothing.
 *
 * @example
 * ```ts ignore
 * using audit = AuditReader.open("state");
 * const { ok, rows, firstBad } = audit.verify();
 * ```
 */
export class AuditReader implements Disposable {
  readonly #db: DatabaseSync;
  readonly #paths: ReturnType<typeof statePaths>;

  private constructor(db: DatabaseSync, paths: ReturnType<typeof statePaths>) {
    this.#db = db;
    this.#paths = paths;
  }

  /**
   * @throws {AgentError} no_state – no agent has run with it yet.
   * @throws {AgentError} state_unreadable – what is there is not an agent's database.
   * @throws {AgentError} state_newer – a newer Writ wrote it.
   */
  static open(stateDir: string): AuditReader {
    const paths = statePaths(stateDir);
    return new AuditReader(openDatabaseForReading(paths.database), paths);
  }

  /** The newest signed head; `undefined` for a log without rows. */
  head(): AuditHead | undefined {
    const stored = this.#db.prepare("SELECT value FROM meta WHERE key = 'audit_head'").get();
    return parseHead(String(stored?.value ?? ""));
  }

  /** The last rows, oldest first. */
  tail(count: number): AuditRow[] {
    return this.#rows("SELECT * FROM audit ORDER BY seq DESC LIMIT ?", count).reverse();
  }

  /** The rows after a number, oldest first. */
  after(seq: number, count: number): AuditRow[] {
    return this.#rows("SELECT * FROM audit WHERE seq > ? ORDER BY seq LIMIT ?", seq, count);
  }

  /**
   * Walks the whole log and its signed heads.
   *
   * @param key The agent's public key; read from the state directory when absent.
   * @throws {AgentError} key_unreadable – the agent's key is needed and cannot be read.
   */
  verify(key: PublicKey = this.ownKey()): AuditVerdict {
    // The file first: the agent may go on writing, and the table then only holds more.
    const inFile = readHeadFile(this.#paths.auditHead);
    this.#db.exec("BEGIN");
    try {
      const heads = [inFile, this.head()].filter((head) => head !== undefined);
      const rows = this.#db.prepare("SELECT * FROM audit ORDER BY seq").iterate();
      return verifyAudit(rows as Iterable<unknown> as Iterable<AuditRow>, heads, key);
    } finally {
      this.#db.exec("ROLLBACK");
    }
  }

  /**
   * The public key of the agent whose log it is.
   *
   * @throws {AgentError} key_unreadable – the agent's key cannot be read.
   */
  ownKey(): PublicKey {
    try {
      return signerFromPem(Deno.readTextFileSync(this.#paths.key)).publicKey;
    } catch (error) {
      throw new AgentError(
        "key_unreadable",
        `Cannot read "${this.#paths.key}" as agent key: ${messageOf(error)}`,
        { cause: error },
      );
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #rows(sql: string, ...parameters: number[]): AuditRow[] {
    return this.#db.prepare(sql).all(...parameters) as unknown as AuditRow[];
  }
}
