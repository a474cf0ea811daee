import type { AgentProcess } from "./agent_process.ts";
import type { BenchFleet } from "./fleet.ts";

export const CONNECTIONS = 32;

/** Orders a second that an agent verified, stored with an fsync, and acknowledged. */
export async function acceptedPerSecond(
  fleet: BenchFleet,
  agent: AgentProcess,
  count: number,
): Promise<number> {
  const client = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", new URL("order_client.ts", import.meta.url).href],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const request = {
    url: agent.url,
    agent: agent.id,
    fleet: fleet.name,
    script: fleet.script,
    key: await Deno.readTextFile(fleet.operatorKey),
    count,
    connections: CONNECTIONS,
  };
  const input = client.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(request)));
  await input.close();
  const { success, stdout } = await client.output();
  if (!success) throw new Error("Cannot measure orders as the client failed");
  return count / JSON.parse(new TextDecoder().decode(stdout)).seconds;
}
