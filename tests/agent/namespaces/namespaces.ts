import { AgentChild } from "../../bench/swarm/agent_child.ts";

const PROGRAM = new URL("./lan_agent.ts", import.meta.url).pathname;

async function ip(...args: string[]): Promise<boolean> {
  const command = new Deno.Command("ip", { args, stdout: "null", stderr: "null" });
  return (await command.output().catch(() => ({ success: false }))).success;
}

/** Whether network namespaces can be made here; says loudly when not. */
export async function haveNamespaces(): Promise<boolean> {
  const name = `writ-${crypto.randomUUID().slice(0, 8)}`;
  if (Deno.build.os === "linux" && await ip("netns", "add", name)) {
    return await ip("netns", "del", name);
  }
  const message = "Cannot test a network of its own as nobody may make one here";
  Deno.stderr.writeSync(new TextEncoder().encode(`\n*** IGNORED: ${message}\n\n`));
  return false;
}

/** Two machines on one cable, as network namespaces. */
export class TwoMachines implements AsyncDisposable {
  readonly #names = [1, 2].map((i) => `writ-${crypto.randomUUID().slice(0, 8)}-${i}`);
  readonly addresses = ["10.99.7.1", "10.99.7.2"] as const;

  static async open(): Promise<TwoMachines> {
    const machines = new TwoMachines();
    const [a, b] = machines.#names as [string, string];
    for (const name of [a, b]) await must("netns", "add", name);
    await must("link", "add", "cable", "netns", a, "type", "veth", "peer", "cable", "netns", b);
    for (const [i, name] of [a, b].entries()) {
      await must("-n", name, "addr", "add", `${machines.addresses[i]}/24`, "dev", "cable");
      for (const link of ["lo", "cable"]) await must("-n", name, "link", "set", link, "up");
    }
    return machines;
  }

  /** Pulls the plug, or puts it back. */
  async connect(connected: boolean): Promise<void> {
    await must("-n", this.#names[0]!, "link", "set", "cable", connected ? "up" : "down");
  }

  /** Starts a light agent on one of the machines. */
  async start(machine: 0 | 1): Promise<AgentChild> {
    const run = ["run", "--quiet", "-A", PROGRAM, this.addresses[machine]];
    return await AgentChild.of(
      new Deno.Command("ip", {
        args: ["netns", "exec", this.#names[machine]!, Deno.execPath(), ...run],
        stdin: "piped",
        stdout: "piped",
        stderr: "inherit",
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#names) await ip("netns", "del", name);
  }
}

async function must(...args: string[]): Promise<void> {
  if (!await ip(...args)) throw new Error(`Cannot make a network: ip ${args.join(" ")}`);
}
