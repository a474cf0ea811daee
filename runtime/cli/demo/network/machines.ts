import { NetworkNamespace } from "./namespace.ts";

/** A machine with a network of its own, and one address, at which others reach it by cable. */
export interface NetworkMachine {
  readonly address: string;
  readonly namespace: NetworkNamespace;
}

/** Machines, as network namespaces, which reach each other where a cable or a switch leads. */
export class MachineNetwork implements AsyncDisposable {
  readonly #stack = new AsyncDisposableStack();
  /** Where switches are; it has no address. */
  readonly #switches: NetworkNamespace;
  #cables = 0;

  private constructor(switches: NetworkNamespace) {
    this.#switches = this.#stack.use(switches);
  }

  static async open(): Promise<MachineNetwork> {
    return new MachineNetwork(await NetworkNamespace.open());
  }

  async machine(address: string): Promise<NetworkMachine> {
    const namespace = await NetworkNamespace.open(this.#switches);
    // Others may have failed meanwhile.
    if (this.#stack.disposed) await namespace[Symbol.asyncDispose]();
    this.#stack.use(namespace);
    await namespace.ip("link set lo up");
    return { address, namespace };
  }

  /**
   * Lays a cable between two machines, by which each reaches the other and nobody else.
   *
   * @returns its name at both ends
   */
  async cable(a: NetworkMachine, b: NetworkMachine): Promise<string> {
    const name = `cable${++this.#cables}`;
    await lay(a.namespace, name, b.namespace, name);
    for (const [from, to] of [[a, b], [b, a]] as const) {
      await from.namespace.ip(
        `addr add ${from.address} peer ${to.address} dev ${name}`,
        `link set ${name} up`,
      );
    }
    return name;
  }

  /** Connects machines with a switch; their addresses differ in the last of four numbers. */
  async switch(machines: readonly NetworkMachine[]): Promise<void> {
    const name = `switch${++this.#cables}`;
    await this.#switches.ip(`link add name ${name} type bridge`, `link set ${name} up`);
    for (const { namespace, address } of machines) {
      const port = `port${++this.#cables}`;
      await lay(namespace, "lan", this.#switches, port);
      await this.#switches.ip(`link set ${port} master ${name} up`);
      await namespace.ip(`addr add ${address}/24 dev lan`, "link set lan up");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Whether a program on one machine can connect to an address. */
export async function reaches(
  { namespace }: NetworkMachine,
  address: string,
  port: number,
): Promise<boolean> {
  const { success } = await namespace.command("/usr/bin/bash", [
    "-c",
    `exec 3<>/dev/tcp/${address}/${port}`,
  ], { stdin: "null", stdout: "null", stderr: "null" }).output();
  return success;
}

async function lay(a: NetworkNamespace, end: string, b: NetworkNamespace, other: string) {
  await a.ip(`link add name ${end} type veth peer name ${other} netns ${b.pid}`);
}
