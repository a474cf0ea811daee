import { decodeBase64, encodeBase64 } from "../../core/base64.ts";
import type { KeyId } from "../../core/documents/common.ts";
import { verifyAdvert } from "../../core/verification/advert.ts";
import { EXCHANGED_ADVERTS } from "../../peer/membership/wire.ts";
import type { HubDatabase } from "../database/hub_database.ts";
import { HubError } from "../errors.ts";

const COMES_NEXT = `SELECT v.advert FROM adverts v
  JOIN agents a ON a.tenant = v.tenant AND a.id = v.agent
  WHERE v.tenant = ?1 AND v.expires > ?2 AND a.standing = 'approved' AND v.agent <> ?3`;

/** Where the agents of each tenant say that they are reached. Who asks judges it anew. */
export class Adverts {
  readonly #database: HubDatabase;
  readonly #now: () => number;

  constructor(options: { database: HubDatabase; now(): number }) {
    this.#database = options.database;
    this.#now = options.now;
  }

  /**
   * Keeps what an agent says of itself; of two, the later one.
   *
   * @throws {VerificationError} – as `verifyAdvert()`
   * @throws {HubError} bad_request – it is another agent's
   */
  async put(tenant: string, agent: KeyId, fleet: string, bytes: Uint8Array): Promise<void> {
    const verified = verifyAdvert(bytes, { fleet, now: this.#now() });
    if (verified.agent !== agent) {
      throw new HubError("bad_request", `Cannot take an advert of ${verified.agent} from ${agent}`);
    }
    const { sequence, expires } = verified.advert;
    await this.#database.run(
      `INSERT INTO adverts VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT (tenant, agent) DO UPDATE SET advert = excluded.advert,
         sequence = excluded.sequence, expires = excluded.expires
       WHERE adverts.sequence < excluded.sequence`,
      [tenant, agent, encodeBase64(bytes, "base64url"), sequence, Date.parse(expires)],
    );
  }

  /** Some of the others, each time of another place among them. */
  async some(tenant: string, notOf: KeyId, random = Math.random): Promise<Uint8Array[]> {
    // Ids are hashes, so those behind a random one are as good as drawn by lot.
    const start = `writ-key:${encodeBase64(randomBytes(random), "base64url")}`;
    const values = [tenant, this.#now(), notOf, start, EXCHANGED_ADVERTS] as const;
    const order = "ORDER BY v.agent LIMIT ?5";
    const behind = await this.#read(`${COMES_NEXT} AND v.agent >= ?4 ${order}`, values);
    if (behind.length === EXCHANGED_ADVERTS) return behind;
    const before = await this.#read(`${COMES_NEXT} AND v.agent < ?4 ${order}`, values);
    return [...behind, ...before].slice(0, EXCHANGED_ADVERTS);
  }

  /** What one agent says, as far as another may know of it. */
  async of(tenant: string, agent: KeyId): Promise<Uint8Array | undefined> {
    const [found] = await this.#read(
      `SELECT v.advert FROM adverts v JOIN agents a ON a.tenant = v.tenant AND a.id = v.agent
       WHERE v.tenant = ?1 AND v.expires > ?2 AND a.standing = 'approved' AND v.agent = ?3`,
      [tenant, this.#now(), agent],
    );
    return found;
  }

  async #read(sql: string, values: readonly (string | number)[]): Promise<Uint8Array[]> {
    const rows = await this.#database.all<{ advert: string }>(sql, values);
    return rows.map(({ advert }) => decodeBase64(advert, "base64url")!);
  }
}

function randomBytes(random: () => number): Uint8Array {
  return Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));
}
