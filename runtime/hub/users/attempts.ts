import { networkOf } from "../../core/network_of.ts";
import type { HubDatabase, HubQueries } from "../database/hub_database.ts";
import { UserError } from "./errors.ts";
import { USER_LIMITS } from "./limits.ts";
import { hashOf } from "../access/secret.ts";

/** Who tries to sign in, and from where. */
export interface Attempt {
  readonly tenant: string;
  /** As it was typed; there may be nobody of that name. */
  readonly name: string;
  readonly address: string;
}

interface Subject {
  readonly tenant: string;
  readonly subject: string;
  /** Failures that cost no wait. */
  readonly free: number;
}

interface Row {
  readonly failures: number;
  readonly latest: number;
}

/**
 * Failed attempts to sign in, counted by name and by address. An attempt is charged before the
 * password is looked at, so that many at once gain nothing. Names that nobody has are counted alike.
 */
export class Attempts {
  readonly #database: HubDatabase;
  readonly #now: () => number;

  constructor({ database, now }: { database: HubDatabase; now: () => number }) {
    this.#database = database;
    this.#now = now;
  }

  /** @throws {UserError} too_many_attempts – the name or the address has to wait. */
  async charge(attempt: Attempt): Promise<void> {
    const at = this.#now();
    await this.#database.transaction(async (tx) => {
      // Of the future is what a clock that was ahead for a while has left.
      const old = `DELETE FROM sign_in_failures WHERE latest <= ?1 OR latest > ?2`;
      await tx.run(old, [at - USER_LIMITS.FAILURES_KEPT_MS, at + USER_LIMITS.WAIT_MAX_MS]);
      const subjects = subjectsOf(attempt);
      // Held from the first look on, so that of many at once each sees those before it.
      for (const { tenant, subject } of subjects) {
        await tx.run(
          `INSERT INTO sign_in_failures (tenant, subject, failures, latest) VALUES (?1, ?2, 0, ?3)
           ON CONFLICT (tenant, subject) DO UPDATE SET failures = sign_in_failures.failures`,
          [tenant, subject, at],
        );
      }
      for (const subject of subjects) await requireNoWait(tx, subject, at);
      for (const { tenant, subject } of subjects) {
        await tx.run(
          `UPDATE sign_in_failures SET failures = failures + 1, latest = ?3
           WHERE tenant = ?1 AND subject = ?2`,
          [tenant, subject, at],
        );
      }
    });
  }

  /** Forgets the failures of a name whose password was right, and this one of the address. */
  async succeed(attempt: Attempt): Promise<void> {
    const [name, address] = subjectsOf(attempt);
    await this.#database.transaction(async (tx) => {
      const forget = `DELETE FROM sign_in_failures WHERE tenant = ?1 AND subject = ?2`;
      await tx.run(forget, [name.tenant, name.subject]);
      const back = `UPDATE sign_in_failures SET failures = failures - 1
                    WHERE tenant = ?1 AND subject = ?2`;
      await tx.run(back, [address.tenant, address.subject]);
    });
  }
}

async function requireNoWait(
  tx: HubQueries,
  { tenant, subject, free }: Subject,
  at: number,
): Promise<void> {
  const sql = `SELECT failures, latest FROM sign_in_failures WHERE tenant = ?1 AND subject = ?2`;
  const row = await tx.get<Row>(sql, [tenant, subject]);
  if (!row || row.failures < free) return;
  const wait = Math.min(USER_LIMITS.WAIT_MS * 2 ** (row.failures - free), USER_LIMITS.WAIT_MAX_MS);
  const left = Math.min(wait, row.latest + wait - at);
  if (left <= 0) return;
  const waitSeconds = Math.ceil(left / 1000);
  throw new UserError(
    "too_many_attempts",
    `Cannot sign in as too many attempts failed: wait ${waitSeconds} s`,
    { waitSeconds },
  );
}

function subjectsOf({ tenant, name, address }: Attempt): [Subject, Subject] {
  return [
    {
      // What was typed may be no tenant's name, and as long as a form may be.
      tenant: "",
      subject: hashOf(`name:${tenant}\n${name}`),
      free: USER_LIMITS.FAILURES_OF_NAME,
    },
    {
      tenant: "",
      subject: hashOf(`address:${networkOf(address)}`),
      free: USER_LIMITS.FAILURES_OF_ADDRESS,
    },
  ];
}
