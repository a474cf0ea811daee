import type { HubOrder } from "../../orders/order_record.ts";
import type { Page } from "../../page.ts";
import { type Column, Pager, Table } from "../parts/table.tsx";
import { Said, When } from "../parts/said.tsx";
import { brief } from "../parts/words.ts";
import { againText, Audience, orderPath, Progress, ScriptLink } from "./order_words.tsx";

/**
 * One page of orders.
 *
 * @param isScheduled Whether the page is about when they are due.
 */
export function OrderTable(
  { page, isScheduled, url, now }: {
    page: Page<HubOrder>;
    isScheduled: boolean;
    url: string;
    now: number;
  },
) {
  const columns: readonly Column<HubOrder>[] = [
    {
      head: "Order",
      cell: ({ id, created }) => (
        <a href={orderPath(id)}>
          <When at={created} now={now} />
        </a>
      ),
    },
    {
      head: "Script",
      cell: ({ script, version }) => (
        <>
          <ScriptLink name={script} /> <Said text={brief(version)} />
        </>
      ),
    },
    { head: "For", cell: ({ selection }) => <Audience selection={selection} /> },
    ...(isScheduled ? dueColumns(now) : []),
    { head: "By", cell: ({ who }) => <Said text={who} /> },
    { head: "How far", cell: (order) => <Progress order={order} /> },
  ];
  return (
    <div data-part="orders">
      <Table
        caption="Orders"
        columns={columns}
        rows={page.items}
        empty={isScheduled
          ? "Nothing is due later, or again."
          : "Nothing was ordered yet: Order begins with a script."}
      />
      <Pager url={url} next={page.next} />
    </div>
  );
}

function dueColumns(now: number): Column<HubOrder>[] {
  return [
    {
      head: "Due next",
      cell: ({ due }) => due === null ? "not again" : <When at={due} now={now} />,
    },
    {
      head: "Again",
      cell: ({ schedule }) => <Said text={schedule?.repeat ? againText(schedule.repeat) : "no"} />,
    },
    { head: "Until", cell: ({ expires }) => <When at={expires} now={now} /> },
  ];
}
