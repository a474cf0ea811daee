import type { FleetCounts } from "../../agents/fleet_counts.ts";
import type { HubOrder } from "../../orders/order_record.ts";
import type { ConsoleParts } from "../console_parts.ts";
import { visitorOf } from "../environment.ts";
import { CONSOLE_LIMITS } from "../limits.ts";
import type { Pages } from "../pages.ts";
import { orderParts, orderPath } from "../orders/order_words.tsx";
import { Bars, type ChartColumn, Columns, type Part, Ring } from "../parts/charts.tsx";
import { show } from "../parts/layout.tsx";
import type { Tone } from "../parts/said.tsx";
import { count } from "../parts/words.ts";
import { largest, versionParts } from "./version_parts.ts";

type Parts = Pick<ConsoleParts, "agents" | "lists" | "orders" | "releases">;

/** How the fleet is, on one page. */
export function addOverviewPage(pages: Pages, parts: Parts): void {
  const { agents, lists, orders, releases } = parts;
  pages.get("/", "agents:read", async (c) => {
    const { tenant } = visitorOf(c);
    const [counts, list, release, recent] = await Promise.all([
      agents.overview(tenant),
      lists.newest(tenant),
      releases.newest(tenant),
      orders.list(tenant, { limit: CONSOLE_LIMITS.CHARTED_ORDERS }),
    ]);
    return show(c, {
      title: "Overview",
      live: "fleet",
      body: (
        <div data-part="overview">
          <Figures counts={counts} />
          <div class="charts">
            <section class="card wide">
              <h3>How the latest orders went</h3>
              <Columns
                title="How the latest orders went"
                unit="agents"
                columns={orderColumns(recent.items)}
              />
            </section>
            <section class="card">
              <Ring title="Agents" parts={presenceParts(counts)} />
            </section>
            <section class="card">
              <Bars title="Accept-list in use" parts={listParts(counts, list?.list.version)} />
            </section>
            <section class="card">
              <Bars
                title="Writ versions"
                parts={versionParts("version", counts, release?.version)}
              />
            </section>
            <section class="card">
              <Bars title="Deno versions" parts={versionParts("deno", counts, release?.deno)} />
            </section>
          </div>
        </div>
      ),
    });
  });
}

function orderColumns(orders: readonly HubOrder[]): ChartColumn[] {
  return orders.toReversed().map((order) => ({
    word: order.script,
    href: orderPath(order.id),
    parts: orderParts(order),
  }));
}

function Figures({ counts }: { counts: FleetCounts }) {
  const { online, pending, warnings } = counts;
  const approved = online + counts.late + counts.offline;
  return (
    <ul class="figures">
      <Figure word="agents" amount={approved} href="/agents?standing=approved" />
      <Figure word="online" amount={online} href="/agents?presence=online" tone="good" />
      <Figure
        word="wait for approval"
        amount={pending}
        href="/agents?standing=pending"
        tone={pending > 0 ? "warn" : "quiet"}
      />
      <Figure
        word="warnings"
        amount={warnings}
        href="/agents"
        tone={warnings > 0 ? "bad" : "quiet"}
      />
    </ul>
  );
}

function Figure(
  { word, amount, href, tone = "quiet" }: {
    word: string;
    amount: number;
    href: string;
    tone?: Tone;
  },
) {
  return (
    <li class={tone}>
      <a href={href}>
        <b>{count(amount)}</b> <span>{word}</span>
      </a>
    </li>
  );
}

function presenceParts({ online, late, offline }: FleetCounts): Part[] {
  return [
    { word: "online", amount: online, tone: "good", href: "/agents?presence=online" },
    { word: "late", amount: late, tone: "warn", href: "/agents?presence=late" },
    { word: "offline", amount: offline, tone: "bad", href: "/agents?presence=offline" },
  ];
}

function listParts({ byList }: FleetCounts, newest: number | undefined): Part[] {
  return largest(byList).map(([version, amount]) => {
    if (version === "") return { word: "none yet", amount, tone: "warn" };
    const behind = newest !== undefined && Number(version) < newest;
    const word = `version ${version}${behind ? " (behind)" : ""}`;
    return { word, amount, tone: behind ? "warn" : "good" };
  });
}
