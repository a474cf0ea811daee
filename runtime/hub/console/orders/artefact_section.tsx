import type { Artefact } from "../../artefacts/artefacts.ts";
import { AgentLink } from "../agents/agent_words.tsx";
import { Badge, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { visible } from "../parts/visible.ts";
import { count } from "../parts/words.ts";
import { orderPath } from "./order_words.tsx";

/** Files that runs of an order left at the hub; nothing where there is none. */
export function ArtefactSection(
  { order, artefacts, more, now }: {
    order: string;
    artefacts: readonly Artefact[];
    /** Whether there are others, which the command line lists. */
    more: boolean;
    now: number;
  },
) {
  return (
    <div data-part="artefacts">
      {artefacts.length > 0 && (
        <section class="card">
          <h2>Files</h2>
          <Table
            caption="Files that runs left"
            rows={artefacts}
            empty=""
            columns={[
              { head: "File", cell: (one) => <File order={order} artefact={one} /> },
              {
                head: "Agent",
                cell: ({ agent, agentName }) => <AgentLink id={agent} name={agentName} />,
              },
              { head: "Run", cell: ({ run }) => run },
              { head: "Size", cell: ({ bytes }) => `${count(bytes)} bytes` },
              { head: "Left", cell: ({ at }) => <When at={at} now={now} /> },
            ]}
          />
          {more && (
            <p class="quiet">
              There are more: <code>writ hub artefacts {order} --save DIR</code>
            </p>
          )}
        </section>
      )}
    </div>
  );
}

const REFUSED: Record<NonNullable<Artefact["refused"]>, string> = {
  order_full: "too much for one order on one agent",
  tenant_full: "not kept: this tenant's quota is used up",
  log_full: "not kept: its order said more than the hub keeps",
};

function File({ order, artefact }: { order: string; artefact: Artefact }) {
  const { agent, run, name, isWhole, refused } = artefact;
  if (!isWhole) {
    return (
      <span>
        {visible(name)} {refused === null
          ? <Badge tone="busy" word="parts are missing" />
          : <Badge tone="bad" word={REFUSED[refused]} />}
      </span>
    );
  }
  const path = `${orderPath(order)}/artefacts/${encodeURIComponent(agent)}/${run}`;
  return <a href={`${path}/${encodeURIComponent(name)}`} download={name}>{visible(name)}</a>;
}
