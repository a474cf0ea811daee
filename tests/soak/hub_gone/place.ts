import { DatabaseSync } from "node:sqlite";
import type { KeyId } from "../../../runtime/core/documents/common.ts";
import type { Signer } from "../../../runtime/core/key.ts";
import type { AgentSummary } from "../../../runtime/hub/mod.ts";
import { makeOrder, readSigner } from "../../../runtime/author/mod.ts";
import { FleetFolder } from "../../cli/fleet_folder.ts";
import { writ } from "../../cli/test_io.ts";
import { freePort } from "../../free_port.ts";
import { HubProgram } from "../../hub/faults/hub_program.ts";
import { TELLING, type TellingInput, writeTelling } from "./telling.ts";

const AT = ["--hub-state", "hub"];
const TENANT = "acme";

/** A fleet whose accept-list a hub carries, made by commands as a provider would. */
export class GonePlace implements AsyncDisposable {
  readonly #fleet: FleetFolder;
  readonly #closing = new AsyncDisposableStack();
  readonly #port = freePort();
  readonly #operator: Signer;
  #hub: HubProgram | undefined;

  private constructor(fleet: FleetFolder, operator: Signer) {
    this.#fleet = this.#closing.use(fleet);
    this.#operator = operator;
  }

  /** The hub runs, and carries a list that accepts the script. */
  static async make(): Promise<GonePlace> {
    const fleet = await FleetFolder.make();
    const operator = await readSigner(`${fleet.path}/keys/operator.pem`);
    const place = new GonePlace(fleet, operator);
    await place.startHub();
    writeTelling(fleet);
    const { orderer } = (await fleet.done("hub", "tenant", TENANT, ...AT, "--json"))
      .json<{ orderer: string }>();
    await fleet.done("root", "rotate", "--add", `orderer:hub=${orderer}`);
    await fleet.done("hub", "carry", "policy/signed/root.2.json", ...AT);
    fleet.file(
      "policy/fleet.yaml",
      fleet.read("policy/fleet.yaml")
        .replace("orderers:\n", `orderers:\n  hub:\n    keys: [${orderer}]\n    threshold: 1\n`),
    );
    await fleet.done("policy", "sign", "--expires", "30 d");
    await fleet.done("hub", "carry", "policy/signed/acceptlist.1.json", ...AT);
    await fleet.done("pack", "scripts/hello", "--out", "dist");
    await fleet.done("sign", "dist/manifest.json", "--key", "keys/publisher.pem");
    await fleet.done("publish", "dist", "--to-hub", ...AT);
    return place;
  }

  /** A machine that has enrolled: the folder of its agent. */
  async machine(name: string): Promise<MachineFolder> {
    const dir = `${this.#fleet.path}/${name}`;
    const machine = { dir, state: `${dir}/state`, temporary: `${dir}/tmp` };
    await Deno.mkdir(machine.temporary, { recursive: true });
    const token = await this.#fleet.done("hub", "enrol-token", "--approved", ...AT);
    const stdin = token.stdout.trim();
    const url = `http://127.0.0.1:${this.#port}`;
    const enrolled = await writ(["enrol", url, "-", "--name", name], { cwd: dir, stdin });
    if (enrolled.exit !== 0) throw new Error(enrolled.stderr);
    return machine;
  }

  /** An order of the operator, for an agent itself. */
  order(agent: KeyId, input: TellingInput): Uint8Array {
    return makeOrder({
      fleet: "test",
      script: { name: TELLING, range: "^1.0.0" },
      audience: { agents: [agent] },
      now: Date.now(),
      input,
    }, [this.#operator]).envelope;
  }

  /** Has the hub order all its agents, once a minute from now on. @returns the order's id. */
  async orderEveryMinute(input: TellingInput): Promise<string> {
    const order = await this.#fleet.done(
      ...["hub", "order", TELLING, "--all", "--every", "1 min", "--expires", "1 d"],
      ...["--input", JSON.stringify(input), ...AT, "--json"],
    );
    return order.json<{ id: string }>().id;
  }

  async startHub(): Promise<void> {
    const stateDir = `${this.#fleet.path}/hub`;
    this.#hub = this.#closing.use(await HubProgram.start({ stateDir, port: this.#port }));
  }

  async killHub(): Promise<void> {
    await this.#hub?.kill();
  }

  /** What the hub says of each agent. */
  async agents(): Promise<AgentSummary[]> {
    const listed = await this.#fleet.done("hub", "agents", ...AT, "--json");
    return listed.json<{ items: AgentSummary[] }>().items;
  }

  /** Asks the hub's database. */
  all(sql: string, ...values: string[]): Record<string, unknown>[] {
    using database = new DatabaseSync(`${this.#fleet.path}/hub/hub.db`, { readOnly: true });
    return database.prepare(sql).all(...values);
  }

  /** Runs of a hub's order whose end the hub knows, as often as it knows it. */
  runsOf(order: string): { agent: string; run: number }[] {
    const rows = this.all(
      `SELECT agent, run FROM run_log WHERE order_id = ?
       AND json_extract(event, '$.type') = 'outcome'`,
      order,
    );
    return rows as { agent: string; run: number }[];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing[Symbol.asyncDispose]();
  }
}

/** Where an agent keeps its things. */
export interface MachineFolder {
  readonly dir: string;
  readonly state: string;
  readonly temporary: string;
}
