// An agent in a process of its own whose script has the channel open, for a test that kills it. Its
// argument is the agent that it knows; says on stdout who it is itself.
import { begin, ChannelOffice, emitted } from "./office.ts";

await using office = new ChannelOffice();
await office.know(JSON.parse(Deno.args[0]!));
const test = await office.join();
const { id, url } = test.agent;
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify({ id, url }) + "\n"));
await emitted(test, await begin(test, { until: "never" }), "never");
