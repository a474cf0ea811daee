// Holds a machine with a program on it until it is killed. Says the processes that it started.
import { MachineNetwork } from "../../../runtime/cli/demo/network/machines.ts";

const network = await MachineNetwork.open();
const { namespace } = await network.machine("10.99.7.1");
const program = namespace.command("/bin/sleep", ["600"], { stdin: "null" }).spawn();
Deno.stdout.writeSync(new TextEncoder().encode(`${namespace.pid} ${program.pid}\n`));
await program.status;
