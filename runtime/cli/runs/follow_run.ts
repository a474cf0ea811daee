import type { RecordedEvent } from "../../agent/mod.ts";
import { wait } from "../../core/wait.ts";
import { CliError } from "../errors.ts";
import type { AgentClient } from "../reach/agent_client.ts";
import { readEvents } from "../reach/event_source.ts";

/** What an agent tells of a run. */
export type FollowedEvent = RecordedEvent;

/** How a followed run ended. */
export type FollowedEnd = Extract<FollowedEvent, { type: "outcome" }>;

/** Tries after the connection was lost, and the time between them. */
const RETRIES = 20;
const RETRY_MS = 500;

/**
 * Follows a run to its end. A lost connection is taken up again where it broke: each event has a
 * number, so nothing is missed and nothing comes twice.
 *
 * @throws {CliError} unreachable – when the agent stays away
 * @throws {AgentRefusal} when the agent refuses
 */
export async function followRun(
  agent: AgentClient,
  run: number,
  options: { signal: AbortSignal; onEvent(event: FollowedEvent): void },
): Promise<FollowedEnd> {
  const { signal, onEvent } = options;
  let last = "0";
  for (let failures = 0;;) {
    try {
      // In the query, which a signature covers.
      const { body } = await agent.ask(`/v1/runs/${run}/events?after=${last}`, { signal });
      for await (const { id, data } of readEvents(body!, signal)) {
        last = id;
        failures = 0;
        const event: FollowedEvent = JSON.parse(data);
        onEvent(event);
        if (event.type === "outcome") return event;
      }
    } catch (error) {
      const lost = error instanceof CliError && error.code === "unreachable" ||
        error instanceof TypeError;
      if (signal.aborted || !lost) throw error;
    }
    if (++failures > RETRIES) {
      throw new CliError(
        "unreachable",
        `Cannot follow run ${run} any more as the agent does not answer`,
        `ask again when it is back: writ runs ${run}`,
      );
    }
    await wait(RETRY_MS, signal);
  }
}
