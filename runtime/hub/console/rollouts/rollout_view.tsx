import type { RingStatus, Rollout, RolloutState } from "../../rollout/rollout_record.ts";
import type { Visitor } from "../environment.ts";
import { orderPath } from "../orders/order_words.tsx";
import { Stack } from "../parts/charts.tsx";
import { PostForm } from "../parts/form.tsx";
import { Badge, Said, When } from "../parts/said.tsx";
import { Table } from "../parts/table.tsx";
import { whyText } from "../../why_text.ts";
import { count } from "../parts/words.ts";
import { ringParts, rolloutPath, StateBadge, Subject } from "./rollout_words.tsx";

/** What can be done to a rollout, by where it stands. */
const ACTIONS: Readonly<
  Record<RolloutState, readonly (readonly [action: string, word: string])[]>
> = {
  running: [["pause", "Pause"], ["halt", "Halt"], ["take-back", "Take back"]],
  paused: [["resume", "Go on"], ["halt", "Halt"], ["take-back", "Take back"]],
  halted: [["resume", "Go on all the same"], ["take-back", "Take back"]],
  done: [["take-back", "Take back"]],
  returned: [],
};

/** The buttons of a rollout. */
export function RolloutActions({ rollout, by }: { rollout: Rollout; by: Visitor }) {
  const path = rolloutPath(rollout.id);
  return (
    <>
      {ACTIONS[rollout.state].map(([action, word]) => (
        <PostForm to={`${path}/${action}`} by={by} label={word}>
          <button type="submit" class={action === "resume" ? undefined : "second"}>{word}</button>
        </PostForm>
      ))}
    </>
  );
}

/** Where a rollout stands, ring by ring. */
export function RolloutView(
  { rollout, warning, now }: {
    rollout: Rollout;
    /** Why it could not be taken back. */
    warning: string | null;
    now: number;
  },
) {
  const { subject, gate, state, reason, who, id } = rollout;
  return (
    <div data-part="rollout">
      <section class="card">
        {state === "halted" && (
          <p role="alert" class="refusal">
            Halted: <Said text={reason ?? "by a person"} />
          </p>
        )}
        {warning !== null && rollout.state !== "returned" && (
          <p class="caution">
            It cannot be taken back as it is: <Said text={warning} most={500} />
          </p>
        )}
        {rollout.back !== null && <Back back={rollout.back} />}
        <dl>
          <dt>State</dt>
          <dd>
            <StateBadge state={state} /> <When at={rollout.updated} now={now} />
          </dd>
          <dt>What</dt>
          <dd>
            <Subject rollout={rollout} />
          </dd>
          {subject.kind === "script" && (
            <>
              <dt>Goes back to</dt>
              <dd>
                <Said text={subject.before ?? "nothing: it names no version before"} />
              </dd>
            </>
          )}
          <dt>Gate</dt>
          <dd>
            {gate.okPercent} % must do well, for {duration(gate.settleMs)} at the least, within{" "}
            {duration(gate.withinMs)}
          </dd>
          <dt>By</dt>
          <dd>
            <Said text={who} />, <When at={rollout.created} now={now} />;{" "}
            <a href={`/audit?subject=${encodeURIComponent(id)}`}>who did what since</a>
          </dd>
        </dl>
      </section>
      <section class="card">
        <h2>Rings</h2>
        <RingTable rollout={rollout} now={now} />
      </section>
    </div>
  );
}

function Back({ back: { order, size, good, bad } }: { back: NonNullable<Rollout["back"]> }) {
  return (
    <p class={bad > 0 ? "refusal" : "notice"}>
      {count(good)} of {count(size)} went back{bad > 0 && `, ${count(bad)} did not`}:{" "}
      <a href={orderPath(order)}>look at the order</a>
    </p>
  );
}

/** How each ring does. */
export function RingTable({ rollout, now }: { rollout: Rollout; now: number }) {
  return (
    <Table
      caption="Rings"
      rows={rollout.rings}
      empty=""
      columns={[
        { head: "Ring", cell: ({ name }) => <Said text={name} /> },
        { head: "Agents", cell: ({ size }) => count(size) },
        { head: "How it does", cell: (ring) => <Health ring={ring} /> },
        { head: "State", cell: (ring) => <RingState ring={ring} of={rollout} now={now} /> },
        {
          head: "Why badly",
          cell: ({ reasons }) => reasons.length > 0 && <Why reasons={reasons} />,
        },
        {
          head: "Order",
          cell: ({ order }) => order !== null && <a href={orderPath(order)}>look</a>,
        },
      ]}
    />
  );
}

function Health({ ring }: { ring: RingStatus }) {
  return (
    <span class="stack">
      <Stack title={ring.name} parts={ringParts(ring)} />
      <span>
        {count(ring.good)} well, {count(ring.bad)} badly
      </span>
    </span>
  );
}

function Why({ reasons }: { reasons: RingStatus["reasons"] }) {
  return (
    <ul class="reasons">
      {reasons.map(({ code, count: times }) => (
        <li>
          <Said text={whyText(code)} /> ({count(times)})
        </li>
      ))}
    </ul>
  );
}

function RingState(
  { ring: { started, passed }, of: { state }, now }: {
    ring: RingStatus;
    of: Rollout;
    now: number;
  },
) {
  if (passed !== null) {
    return (
      <span>
        <Badge tone="good" word="passed" /> <When at={passed} now={now} />
      </span>
    );
  }
  if (started === null) return <Badge tone="quiet" word="not begun" />;
  const isUnderWay = state === "running" || state === "paused";
  return (
    <span>
      <Badge tone={isUnderWay ? "busy" : "bad"} word={isUnderWay ? "watched" : "halted"} />{" "}
      <When at={started} now={now} />
    </span>
  );
}

function duration(ms: number): string {
  return ms < 120_000
    ? `${Math.round(ms / 1_000)} s`
    : ms < 7_200_000
    ? `${Math.round(ms / 60_000)} min`
    : `${Math.round(ms / 3_600_000)} h`;
}
