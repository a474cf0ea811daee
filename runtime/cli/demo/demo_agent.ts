import { type Agent, rulesFromFolder, sandboxRunner, startAgent } from "../../agent/mod.ts";
import { makeOrder, packScript, publishTo, signDocument } from "../../author/mod.ts";
import type { KeyId, ScriptName } from "../../core/documents/common.ts";
import type { Attachment } from "../../core/documents/order.ts";
import type { Signer } from "../../core/key.ts";
import { AgentClient } from "../reach/agent_client.ts";
import { sendOrder } from "../reach/upload.ts";

/** An agent of a demo, in a folder of its own, and the way of its operator to it. */
export interface DemoAgent {
  readonly dir: string;
  readonly agent: Agent;
  readonly client: AgentClient;
  /** Where it is reached. */
  readonly url: string;
}

/** Starts an agent by the policy in its folder. */
export async function startDemoAgent(dir: string): Promise<DemoAgent> {
  const state = `${dir}/state`;
  const agent = await startAgent({
    stateDir: state,
    rules: rulesFromFolder(`${dir}/policy`, [state]),
    runner: sandboxRunner(),
  });
  const token = (await Deno.readTextFile(`${state}/operator.token`)).trim();
  const url = agent.url.replace("//0.0.0.0:", "//localhost:");
  const authority = agent.ca && { authority: await Deno.readTextFile(`${state}/tls/ca.pem`) };
  return { dir, agent, client: new AgentClient(url, { token, ...authority }), url };
}

/**
 * Writes an agent's policy, as an admin would.
 *
 * @param files By their names below `policy/`.
 */
export async function writePolicy(
  dir: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  await Deno.mkdir(`${dir}/policy/grants`, { recursive: true, mode: 0o755 });
  for (const [file, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${dir}/policy/${file}`, text, { mode: 0o644 });
  }
}

/** Packs and signs a script, and puts it where agents look. */
export async function publishScript(script: string, signer: Signer, folder: string): Promise<void> {
  const { payload, ...packed } = await packScript(script);
  const { envelope } = signDocument(payload, [signer], "manifest.json");
  await publishTo(folder, { ...packed, envelope });
}

/**
 * Orders a script of an agent, in the fleet `office`.
 *
 * @param attachments Documents that the agent has already.
 * @returns the run
 */
export async function orderScript(
  { agent, client }: DemoAgent,
  script: ScriptName,
  { input, attachments = [] }: { input: unknown; attachments?: Attachment[] },
  operator: Signer,
): Promise<number> {
  const { envelope } = makeOrder({
    fleet: "office",
    script: { name: script, range: "^1.0.0" },
    audience: { agents: [agent.id as KeyId] },
    now: Date.now(),
    input,
    attachments,
  }, [operator]);
  return (await sendOrder(client, envelope)).run;
}
