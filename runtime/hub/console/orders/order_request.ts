import type { KeyId, ScriptName } from "../../../core/documents/common.ts";
import type { Manifest } from "../../../core/documents/manifest.ts";
import type { Attachment, Order, Repeat } from "../../../core/documents/order.ts";
import { instantOf } from "../../../core/instant.ts";
import { firstOccurrence } from "../../../agent/runs/next_occurrence.ts";
import { HubError } from "../../errors.ts";
import type { Selection } from "../../orders/order_record.ts";
import type { OrderRequest } from "../../orders/order_request.ts";
import type { Form } from "../environment.ts";
import { checkedInput } from "./checked_input.ts";
import { LIVES } from "./order_form.tsx";

const MINUTE_MS = 60_000;

/**
 * What a form asks for.
 *
 * @throws {HubError} bad_request – a field is not as it must be, or the schema refuses the input
 * @throws {VerificationError} input_schema – the publisher's schema cannot be used
 * @throws {VerificationError} bad_schema – there is no such pattern or time zone
 */
export async function orderRequest(
  form: Form,
  manifest: Manifest,
  { attachments, agentsNamed, now }: {
    attachments: readonly Attachment[];
    /** Finds the agents that are named. */
    agentsNamed(words: readonly string[]): Promise<KeyId[]>;
    now: number;
  },
): Promise<OrderRequest> {
  const input = await checkedInput(form, manifest);
  const life = LIVES.find(([minutes]) => minutes === form.text("minutes")) ?? LIVES[1];
  const expiresMs = Number(life[0]) * MINUTE_MS;
  return {
    script: {
      name: `${manifest.publisher}/${manifest.name}` as ScriptName,
      sha256: manifest.module.sha256,
    },
    input,
    attachments: [...attachments],
    select: await selectionOf(form, agentsNamed),
    expiresMs,
    schedule: await scheduleOf(form, now, expiresMs),
  };
}

async function selectionOf(
  form: Form,
  agentsNamed: (words: readonly string[]) => Promise<KeyId[]>,
): Promise<Selection> {
  switch (form.text("for")) {
    case "all":
      return "all";
    case "agents":
      return { agents: await agentsNamed(form.all("agents")) };
    default:
      return { labels: form.words("labels") };
  }
}

async function scheduleOf(form: Form, now: number, lifetimeMs: number): Promise<Order["schedule"]> {
  const at = timeOf(form.text("at"));
  const repeat = repeatOf(form);
  if (!repeat) return at === undefined ? undefined : { at: instantOf(at) };
  const first = await firstOccurrence(repeat, { at, now, lifetimeMs });
  if (first !== undefined) return { at: instantOf(first), repeat };
  throw refusal("Cannot repeat the order as it expires before its second time: let it last longer");
}

function timeOf(text: string): number | undefined {
  if (text === "") return undefined;
  const time = Date.parse(`${text}Z`);
  if (Number.isFinite(time)) return time;
  throw refusal("Cannot read the time");
}

function repeatOf(form: Form): Repeat | undefined {
  const [every, cron] = [form.text("every"), form.text("cron").trim()];
  if (every !== "" && cron !== "") {
    throw refusal("Cannot repeat the order by minutes and by a pattern: leave one of them empty");
  }
  if (cron !== "") return { cron, timezone: form.text("timezone").trim() || "UTC" };
  if (every === "") return undefined;
  const everyMs = Number(every) * MINUTE_MS;
  if (everyMs >= MINUTE_MS && Number.isSafeInteger(everyMs)) return { everyMs };
  throw refusal("Cannot repeat an order more often than every minute");
}

function refusal(message: string): HubError {
  return new HubError("bad_request", message);
}
