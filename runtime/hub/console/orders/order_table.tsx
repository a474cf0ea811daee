import type { HubOrder } from "../../orders/order_record.ts";
import type { Page } from "../../page.ts";
import { type Column, Pager, Table } from "../parts/table.tsx";
import { Said, When } from "../parts/said.tsx";
import { Audience, orderPath, Progress, ScriptLink } from "./order_words.tsx";

/** One page of orders. */
export function OrderTable(
  { page, url, now }: { page: Page<HubOrder>; url: string; now: number },
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
    { head: "Script", cell: ({ script }) => <ScriptLink name={script} /> },
    { head: "For", cell: ({ selection }) => <Audience selection={selection} /> },
    { head: "By", cell: ({ who }) => <Said text={who} /> },
    { head: "How far", cell: (order) => <Progress order={order} /> },
  ];
  return (
    <div data-part="orders">
      <Table
        caption="Orders"
        columns={columns}
        rows={page.items}
        empty="Nothing was ordered yet."
      />
      <Pager url={url} next={page.next} />
    </div>
  );
}
