import { DatabaseSync } from "node:sqlite";
import { SMALL } from "../../../runtime/cli/service/unit.ts";
import { statePaths } from "../../../runtime/agent/state/state_dir.ts";
import { memoryOf } from "../../bench/proc.ts";
import { freePort } from "../../free_port.ts";
import { type Sample, takeSample } from "../sample.ts";
import { SoakAgent } from "../soak_agent.ts";
import { Heap } from "./heap.ts";
import type { GonePlace, MachineFolder } from "./place.ts";
import type { Told } from "./telling.ts";

/** What an agent holds while its hub is away. */
export interface GoneSample extends Sample {
  /** Bytes of its own that it wrote to. */
  privateDirty: number;
  /** Bytes of V8's heap that are in use after a collection; of an agent that is looked into. */
  heap: number | undefined;
  /** Informs that wait for the hub. */
  waiting: number;
}

/** An agent in a process of its own, and what its runs came to. */
export class Machine {
  readonly agent: SoakAgent;
  readonly told: Told = { kept: 0, refused: 0 };
  /** Runs that did not end as `ok`, in words. */
  readonly bad: string[] = [];
  ended = 0;
  readonly #place: GonePlace;
  readonly #folder: MachineFolder;
  readonly #heap: Heap | undefined;

  private constructor(
    agent: SoakAgent,
    place: GonePlace,
    folder: MachineFolder,
    heap: Heap | undefined,
  ) {
    this.agent = agent;
    this.#place = place;
    this.#folder = folder;
    this.#heap = heap;
  }

  /** @param isLookedInto Its heap is measured, for which it is collected each time. */
  static async start(place: GonePlace, name: string, isLookedInto: boolean): Promise<Machine> {
    const folder = await place.machine(name);
    const port = freePort();
    const inspect = isLookedInto ? [`--inspect=127.0.0.1:${port}`] : [];
    const agent = await SoakAgent.start(folder, [...SMALL, ...inspect]);
    return new Machine(agent, place, folder, isLookedInto ? new Heap(port) : undefined);
  }

  /** Orders it to run the script, and waits for the end. */
  async turn(turn: number, informs: number): Promise<void> {
    const run = await this.agent.order(this.#place.order(this.agent.id, { turn, informs }));
    if (typeof run === "string") return void this.bad.push(`turn ${turn} was refused: ${run}`);
    await this.agent.follow(run, () => {});
    const { outcome } = await this.agent.run(run);
    this.ended++;
    if (outcome?.outcome !== "ok") {
      return void this.bad.push(`turn ${turn}: ${JSON.stringify(outcome)}`);
    }
    const { kept, refused } = outcome.result as unknown as Told;
    this.told.kept += kept;
    this.told.refused += refused;
  }

  async sample(): Promise<GoneSample> {
    const { pid } = this.agent;
    const heap = await this.#heap?.inUse();
    const { privateDirty } = await memoryOf(pid);
    return {
      ...takeSample(pid, this.#folder, this.ended),
      ...{ privateDirty, heap, waiting: this.#waiting() },
    };
  }

  #waiting(): number {
    using database = new DatabaseSync(statePaths(this.#folder.state).database, { readOnly: true });
    return Number(database.prepare("SELECT count(*) AS count FROM hub_informs").get()!.count);
  }
}
