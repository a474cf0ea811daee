import {
  type Delivery,
  DELIVERY_STATES,
  type DeliveryState,
  type HubOrder,
} from "../../orders/order_record.ts";
import type { Page } from "../../page.ts";
import { AgentLink } from "../agents/agent_words.tsx";
import { Ring } from "../parts/charts.tsx";
import { Field, Select } from "../parts/form.tsx";
import { Id, Said, When } from "../parts/said.tsx";
import { Pager, Table } from "../parts/table.tsx";
import {
  againText,
  Audience,
  DeliveryBadge,
  orderParts,
  runPath,
  ScriptLink,
} from "./order_words.tsx";

/** What was ordered, and how far it is. */
export function OrderFacts(
  { order, version, now }: {
    order: HubOrder;
    /** What the hub calls the module whose digest the order names. */
    version: string | undefined;
    now: number;
  },
) {
  return (
    <div class="columns-2" data-part="order">
      <section class="card">
        <dl>
          <dt>Script</dt>
          <dd>
            <ScriptLink name={order.script} /> <Release named={version} asked={order.version} />
          </dd>
          <dt>For</dt>
          <dd>
            <Audience selection={order.selection} />
          </dd>
          <dt>By</dt>
          <dd>
            <Said text={order.who} />, signed {order.orderer === "hub" ? "by the hub" : "elsewhere"}
          </dd>
          <dt>Ordered</dt>
          <dd>
            <When at={order.created} now={now} />
          </dd>
          <dt>{order.expires > now ? "Expires" : "Expired"}</dt>
          <dd>
            <When at={order.expires} now={now} />
          </dd>
          {order.schedule && <Schedule schedule={order.schedule} />}
          {order.cancelled !== null && (
            <>
              <dt>Cancelled</dt>
              <dd>
                <When at={order.cancelled} now={now} />
              </dd>
            </>
          )}
          <dt>Id</dt>
          <dd>
            <code>{order.id}</code>
          </dd>
        </dl>
      </section>
      <section class="card">
        <Ring title="Agents" parts={orderParts(order)} />
      </section>
    </div>
  );
}

function Release({ named, asked }: { named: string | undefined; asked: string }) {
  if (named !== undefined) {
    return (
      <span>
        {named}, exactly <Id id={asked} />
      </span>
    );
  }
  return asked.startsWith("sha256:") ? <Id id={asked} /> : <Said text={asked} />;
}

function Schedule({ schedule: { at, repeat } }: { schedule: NonNullable<HubOrder["schedule"]> }) {
  return (
    <>
      <dt>Due</dt>
      <dd>
        {at}
        {repeat && <Said text={`, then ${againText(repeat)}`} />}
      </dd>
    </>
  );
}

/** Where the order stands with each agent. */
export function DeliverySection(
  { page, state, url, now }: {
    page: Page<Delivery>;
    state: DeliveryState | undefined;
    url: string;
    now: number;
  },
) {
  return (
    <section class="card">
      <form class="filter" role="search" aria-label="Find agents of the order">
        <Field label="State">
          <Select
            name="state"
            chosen={state}
            options={[
              ["", "any"],
              ...DELIVERY_STATES.map((word): [string, string] => [word, word]),
            ]}
          />
        </Field>
        <button type="submit" class="second">Find</button>
      </form>
      <div data-part="deliveries">
        <Table
          caption="Agents of the order"
          rows={page.items}
          empty="No agent is like this."
          columns={[
            {
              head: "Agent",
              cell: ({ agent, agentName }) => <AgentLink id={agent} name={agentName} />,
            },
            { head: "State", cell: (delivery) => <DeliveryBadge delivery={delivery} /> },
            { head: "Changed", cell: ({ updated }) => <When at={updated} now={now} /> },
            {
              head: "Run",
              cell: ({ order, agent, run }) =>
                run === null
                  ? <a href={runPath(order, agent)}>more</a>
                  : <a href={runPath(order, agent)}>run {run}</a>,
            },
          ]}
        />
        <Pager url={url} next={page.next} />
      </div>
    </section>
  );
}
