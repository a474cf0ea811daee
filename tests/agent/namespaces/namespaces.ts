import { MachineNetwork, type NetworkMachine } from "../../../runtime/cli/demo/network/machines.ts";
import { whyNoNamespaces } from "../../../runtime/cli/demo/network/namespace.ts";
import { AgentChild } from "../../bench/swarm/agent_child.ts";

const PROGRAM = new URL("./lan_agent.ts", import.meta.url).pathname;

/** Whether network namespaces can be made here; says loudly when not. */
export async function haveNamespaces(): Promise<boolean> {
  const why = await whyNoNamespaces();
  if (why === undefined) return true;
  const message = `Cannot test a network of its own as nobody may make one here: ${why}`;
  Deno.stderr.writeSync(new TextEncoder().encode(`\n*** IGNORED: ${message}\n\n`));
  return false;
}

/** Two machines on one cable, as network namespaces. */
export class TwoMachines implements AsyncDisposable {
  readonly #network: MachineNetwork;
  readonly #machines: readonly [NetworkMachine, NetworkMachine];
  readonly #cable: string;

  private constructor(
    network: MachineNetwork,
    machines: readonly [NetworkMachine, NetworkMachine],
    cable: string,
  ) {
    this.#network = network;
    this.#machines = machines;
    this.#cable = cable;
  }

  static async open(): Promise<TwoMachines> {
    const network = await MachineNetwork.open();
    const a = await network.machine("10.99.7.1");
    const b = await network.machine("10.99.7.2");
    return new TwoMachines(network, [a, b], await network.cable(a, b));
  }

  /** Pulls the plug, or puts it back. */
  async connect(connected: boolean): Promise<void> {
    const [{ namespace }] = this.#machines;
    await namespace.ip(`link set ${this.#cable} ${connected ? "up" : "down"}`);
  }

  /** Starts a light agent on one of the machines. */
  async start(machine: 0 | 1): Promise<AgentChild> {
    const { namespace, address } = this.#machines[machine];
    return await AgentChild.of(
      namespace.command(Deno.execPath(), ["run", "--quiet", "-A", PROGRAM, address], {
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#network[Symbol.asyncDispose]();
  }
}
