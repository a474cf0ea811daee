import { CodedError } from "../../core/coded_error.ts";
import { VerificationError } from "../../core/errors.ts";
import { WRIT_VERSION } from "../../core/version.ts";
import type { PeerSocket } from "../../peer/socket/mod.ts";
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Releases } from "../release/releases.ts";
import type { TrustStore } from "../trust/trust_store.ts";
import type { Rules } from "../trust/load_rules.ts";
import { Aside } from "./aside.ts";
import { type DocumentPlace, fetchAcceptList, fetchRoots } from "./fetch_documents.ts";
import type { HubClient } from "./hub_client.ts";
import type { HubOrders } from "./hub_orders.ts";
import { HubReporter } from "./hub_reporter.ts";
import type { HubReportTable } from "../store/hub_reports.ts";
import { NoteSender } from "./note_sender.ts";
import type { ScriptNotes } from "./script_notes.ts";
import {
  type FromAgent,
  type FromHub,
  fromHubSchema,
  readMessage,
  type ReportedFact,
} from "./wire.ts";

/** What a {@linkcode HubSession} works with. */
export interface HubSessionOptions {
  socket: PeerSocket;
  client: HubClient;
  orders: HubOrders;
  reports: HubReportTable;
  trust: TrustStore;
  rules(): Rules;
  /** Loads the rules anew, when a new document lies in their folder. */
  reload(): Promise<unknown>;
  /** What the agent may become. */
  releases: Pick<Releases, "take" | "status">;
  /** Of this start of the agent. */
  instance: string;
  /** Isolation of the cells; `null` when none can be had. */
  level(): Promise<number | null>;
  facts(): Promise<ReportedFact[]>;
  /** What scripts tell. */
  notes: ScriptNotes;
  /** The hub said within what time agents are to come back. */
  spread(ms: number): void;
  log: Log;
}

/** Told this often that the agent goes on, and what its facts are. */
const ALIVE_MS = 30_000;
const FACTS_MS = 5 * 60_000;

/** Orders that are taken, and taken back, at the same time: twice what a hub has under way. */
const ASIDE_AT_ONCE = 32;

type Standing = Extract<FromHub, { type: "standing" }>;

/** One connection to the hub, from its hello to its end. */
export class HubSession {
  readonly #options: HubSessionOptions;
  readonly #reporter: HubReporter;
  readonly #noteSender: NoteSender;
  #standing: Standing["standing"] | undefined;
  /** Each may hold a connection for as long as the hub likes. */
  readonly #aside = new Aside(ASIDE_AT_ONCE);
  /** How many were told last. */
  #factsTold: number | undefined;
  #hubVersion: string | undefined;
  #hasIgnored = false;
  #leftOutOf: string | undefined;

  constructor(options: HubSessionOptions) {
    this.#options = options;
    this.#reporter = new HubReporter({
      reports: options.reports,
      send: (message) => this.#send(message),
    });
    this.#noteSender = new NoteSender({
      notes: options.notes,
      send: (message) => this.#send(message),
      tellFacts: () => void this.#tellFacts(),
    });
  }

  /** Something happened in a run. */
  changed(run: number): void {
    this.#reporter.changed(run);
  }

  /** Other rules are in force. */
  async rulesChanged(): Promise<void> {
    await this.#hello();
  }

  /** Does what the hub says until the connection ends. @returns why it ended, in words. */
  async run(): Promise<string> {
    const { socket } = this.#options;
    const alive = setInterval(() => this.#send({ type: "alive" }), ALIVE_MS);
    const facts = setInterval(() => void this.#tellFacts(), FACTS_MS);
    socket.closed.then(() => this.#aside.end());
    try {
      await this.#hello();
      await this.#tellFacts();
      this.#reporter.begin();
      this.#noteSender.begin();
      for await (const text of socket.messages) {
        let message: FromHub | undefined;
        try {
          message = readMessage(fromHubSchema, text);
        } catch {
          socket.close(4000, "it said what no hub says");
          break;
        }
        if (message) await this.#take(message);
        else this.#ignored();
      }
    } finally {
      clearInterval(alive);
      clearInterval(facts);
      this.#noteSender[Symbol.dispose]();
    }
    const end = await socket.closed;
    return end.kind === "failed" ? end.error.code : end.reason || "closed";
  }

  /** Said once of the last order of which it is so, however many messages its events take. */
  #tellLeftOut({ order, leftOut = 0 }: Extract<FromHub, { type: "stored" }>): void {
    if (leftOut === 0 || order === this.#leftOutOf) return;
    this.#leftOutOf = order;
    this.#options.log("warn", "hub keeps no more events of an order", { order, leftOut });
  }

  /** Said once of a connection, so that no hub can fill the log. */
  #ignored(): void {
    if (this.#hasIgnored) return;
    this.#hasIgnored = true;
    this.#options.log("warn", "hub says what this version does not know", {
      ...{ hub: this.#hubVersion, agent: WRIT_VERSION },
    });
  }

  async #take(message: FromHub): Promise<void> {
    const { orders } = this.#options;
    switch (message.type) {
      case "standing":
        return await this.#followStanding(message);
      // Fetching its documents takes as long as it takes; whatever else the hub says goes on.
      case "order":
        return await this.#doAside(() => this.#takeOrder(message));
      case "cancel":
        return await this.#doAside(() => orders.cancel(message.order));
      case "stored":
        this.#tellLeftOut(message);
        return await this.#reporter.stored(message);
      case "artefact_refused": {
        const { type: _, ...refused } = message;
        return this.#options.log("warn", "artefact refused by the hub", refused);
      }
      case "informed":
        return await this.#noteSender.stored(message.id);
      case "release":
        return void this.#become(message);
    }
  }

  /** Does something while other messages are read; what fails ends the connection. */
  #doAside(work: () => Promise<void>): Promise<void> {
    return this.#aside.begin(() =>
      work().catch((error) => {
        this.#options.log("error", "order of the hub failed", { error: messageOf(error) });
        this.#options.socket.close(4011, "the agent failed");
      })
    );
  }

  async #takeOrder(message: Extract<FromHub, { type: "order" }>): Promise<void> {
    const { orders, client } = this.#options;
    const answer = await orders.take(message, client);
    if (!answer) return;
    this.#send(answer);
    if (answer.type === "taken") this.#reporter.added(message.order);
  }

  /** One that was taken before is offered again at every connection. */
  async #become({ release, envelope }: Extract<FromHub, { type: "release" }>): Promise<void> {
    const { releases, log } = this.#options;
    const refused = (code: string) => this.#send({ type: "release_refused", release, code });
    if (releases.status().failed === release) return refused("given_up");
    try {
      await releases.take(new TextEncoder().encode(envelope));
    } catch (error) {
      const code = error instanceof CodedError ? error.code : "internal";
      if (code === "version_rollback" || code === "busy") return;
      log("error", "release of the hub refused", { release, error: messageOf(error) });
      refused(code);
    }
  }

  async #followStanding(said: Standing): Promise<void> {
    const { standing, root, list, spreadMs, version } = said;
    const { log, spread, trust, rules } = this.#options;
    spread(spreadMs);
    this.#hubVersion = version;
    if (standing !== this.#standing) log("info", "hub connected", { standing, version });
    this.#standing = standing;
    const folder = rules().signedFolder;
    if (standing !== "approved" || folder === undefined) return;
    const place = { client: this.#options.client, folder, trust };
    const newRoots = await this.#fetching("root", () => this.#newRoots(root, place));
    const newList = await this.#fetching("acceptlist", () => this.#newList(list, place));
    if (!newRoots && !newList) return;
    await this.#options.reload().catch((error) => {
      log("error", "rules of the hub not loaded", { error: messageOf(error) });
    });
    // A newer list may well have the same rules.
    await this.#hello();
  }

  async #newRoots(offered: number, place: DocumentPlace): Promise<boolean> {
    const known = place.trust.root()?.version ?? 0;
    if (offered < known) {
      throw new VerificationError(
        "version_rollback",
        `Cannot use the hub's root as version ${known} was seen: ${offered}`,
      );
    }
    return offered > known && await fetchRoots(place);
  }

  async #newList(offered: Standing["list"], place: DocumentPlace): Promise<boolean> {
    const known = place.trust.acceptList();
    if (!offered) return false;
    if (known && known.epoch === offered.epoch && known.version === offered.version) return false;
    // An older one is fetched too: the refusal is then by the rules for every list.
    return await fetchAcceptList(place);
  }

  /** A document that is refused is reported; the rules that were in force stay. */
  async #fetching(kind: "root" | "acceptlist", fetching: () => Promise<boolean>): Promise<boolean> {
    try {
      return await fetching();
    } catch (error) {
      this.#options.log("error", "document of the hub refused", { kind, error: messageOf(error) });
      if (error instanceof VerificationError) {
        this.#send({ type: "document_refused", kind, code: error.code });
      }
      return false;
    }
  }

  async #hello(): Promise<void> {
    const { rules, trust, releases, instance, level } = this.#options;
    const { policy, hub } = rules();
    const { running } = releases.status();
    const list = trust.acceptList();
    const root = trust.root();
    this.#send({
      type: "hello",
      instance,
      version: WRIT_VERSION,
      ...(hub?.facts.includes("versions") && { deno: Deno.version.deno }),
      ...(running !== null && { release: running }),
      policy: policy.digest,
      ...(root && { root: root.version }),
      ...(list && { list: { epoch: list.epoch, version: list.version } }),
      level: await level(),
    });
  }

  async #tellFacts(): Promise<void> {
    const facts = await this.#options.facts().catch(() => []);
    // That there are none any more is told, too, and once.
    if (facts.length === 0 && this.#factsTold === 0) return;
    this.#factsTold = facts.length;
    this.#send({ type: "facts", facts });
  }

  #send(message: FromAgent): void {
    this.#options.socket.send(JSON.stringify(message)).catch(() => {});
  }
}
