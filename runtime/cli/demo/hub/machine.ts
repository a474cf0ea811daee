import { enrolAgent } from "../../../agent/hub_link/enrol.ts";
import { type Agent, rulesFromFolder, sandboxRunner, startAgent } from "../../../agent/mod.ts";
import type { KeyId } from "../../../core/documents/common.ts";
import { writeEnrolled } from "../../fleet/enrol_folder.ts";

/** A machine of the customer: what `writ enrol` and `writ agent` do there. */
export class Machine implements AsyncDisposable {
  readonly name: string;
  readonly id: KeyId;
  readonly #agent: Agent;

  private constructor(name: string, id: KeyId, agent: Agent) {
    this.name = name;
    this.id = id;
    this.#agent = agent;
  }

  static async enrol(dir: string, name: string, url: string, token: string): Promise<Machine> {
    const stateDir = `${dir}/state`;
    const enrolled = await enrolAgent({ stateDir, url, token, name, now: Date.now });
    await writeEnrolled(dir, enrolled, undefined);
    const yaml = `${dir}/policy/fleet.yaml`;
    // Several agents on one machine: each takes a free port.
    const text = (await Deno.readTextFile(yaml)).replace("127.0.0.1:8799", "127.0.0.1:0");
    await Deno.writeTextFile(yaml, text);
    const agent = await startAgent({
      stateDir,
      rules: rulesFromFolder(`${dir}/policy`, [stateDir]),
      runner: sandboxRunner({ prewarm: 0 }),
    });
    return new Machine(name, enrolled.id, agent);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.stop();
  }
}
