import { MachineNetwork, type NetworkMachine } from "../network/machines.ts";
import { whyNoNamespaces } from "../network/namespace.ts";

/** Where each agent runs, by name; absent: in this process. */
export type Machines = Readonly<Record<string, NetworkMachine | undefined>>;

/** The first is cabled to the second alone; that one, and all others, are on a switch. */
const ADDRESSES = {
  first: "10.78.0.1",
  second: "10.77.0.2",
  third: "10.77.0.3",
  fourth: "10.77.0.4",
  poisoner: "10.77.0.5",
};

/** The machines of the demo, and why they share this one's loopback where they do. */
export interface Places {
  readonly machines: Machines;
  readonly whyShared?: string;
}

/**
 * Gives each agent a network of its own, where the machine allows that.
 *
 * @param loopback Whether they shall share it all the same.
 * @param stack Takes the networks down.
 */
export async function placesOf(loopback: boolean, stack: AsyncDisposableStack): Promise<Places> {
  const whyShared = loopback ? "--loopback was asked for" : await whyNoNamespaces();
  if (whyShared !== undefined) return { machines: {}, whyShared };
  const network = stack.use(await MachineNetwork.open());
  const made = await Promise.all(
    Object.entries(ADDRESSES).map(async ([name, address]) => {
      return [name, await network.machine(address)] as const;
    }),
  );
  const machines = Object.fromEntries(made);
  const { first, ...others } = machines;
  await network.cable(first!, others.second!);
  await network.switch(Object.values(others));
  return { machines };
}
