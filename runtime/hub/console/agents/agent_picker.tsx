import { is } from "valibot";
import { type KeyId, keyIdSchema } from "../../../core/documents/common.ts";
import type { AgentSummary } from "../../agents/agent_record.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { visible } from "../parts/visible.ts";
import { brief } from "../parts/words.ts";

/** How many agents a form offers to choose from; of others a name or a key is typed. */
const OFFERED = 500;
/** Fields that are empty, below those that are filled. */
const EMPTY = 2;
const LIST = "known-agents";

/** The approved agents that a form offers. */
export async function offeredAgents(
  agents: ConsoleParts["agents"],
  tenant: string,
): Promise<AgentSummary[]> {
  return (await agents.list(tenant, { standing: "approved", limit: OFFERED })).items;
}

/** Fields for agents, each by its name or its key. */
export function AgentFields(
  { chosen, offered }: { chosen: readonly string[]; offered: readonly AgentSummary[] },
) {
  const empty = Array.from({ length: EMPTY }, () => "");
  return (
    <>
      <div class="agents">
        {[...chosen, ...empty].map((value, i) => (
          <AgentField name="agents" value={value} label={`Agent ${i + 1}`} />
        ))}
      </div>
      <AgentOptions offered={offered} />
    </>
  );
}

/** A field for one agent; its page has {@linkcode AgentOptions} as well. */
export function AgentField(
  { name, value, label }: { name: string; value: string; label: string },
) {
  return (
    <input
      name={name}
      value={visible(value)}
      list={LIST}
      maxlength={64}
      aria-label={label}
      placeholder="Name or key"
      autocomplete="off"
    />
  );
}

/** What fields for agents offer. An agent whose name another has, too, goes by its key. */
export function AgentOptions({ offered }: { offered: readonly AgentSummary[] }) {
  const times = new Map<string, number>();
  for (const { name } of offered) times.set(name, (times.get(name) ?? 0) + 1);
  return (
    <datalist id={LIST}>
      {offered.map(({ id, name }) =>
        times.get(name) === 1
          ? <option value={visible(name)}>{brief(id)}</option>
          : <option value={id}>{visible(name)}</option>
      )}
    </datalist>
  );
}

/**
 * The agents that a form names.
 *
 * @param words Each a key, or a name that one approved agent has.
 * @throws {HubError} bad_request – no agent has the name, or more than one
 */
export async function agentsNamed(
  agents: ConsoleParts["agents"],
  tenant: string,
  words: readonly string[],
): Promise<KeyId[]> {
  const found: KeyId[] = [];
  for (const word of words.map((word) => word.trim()).filter((word) => word !== "")) {
    const ids = is(keyIdSchema, word) ? [word] : await agents.called(tenant, word);
    if (ids.length === 1) found.push(ids[0]!);
    else if (ids.length === 0) {
      throw new HubError("bad_request", `Cannot find an approved agent that is called "${word}"`);
    } else {
      throw new HubError(
        "bad_request",
        `Cannot tell which agent is meant as ${ids.length} are called "${word}": give its key`,
      );
    }
  }
  return found;
}
