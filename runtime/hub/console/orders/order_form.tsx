import type { Attachment } from "../../../core/documents/order.ts";
import type { Manifest } from "../../../core/documents/manifest.ts";
import type { AgentSummary } from "../../agents/agent_record.ts";
import { AgentFields } from "../agents/agent_picker.tsx";
import type { Form, Visitor } from "../environment.ts";
import { Field, PostForm, Select } from "../parts/form.tsx";
import { AttachmentFieldset } from "./attachments.tsx";
import { InputFieldset } from "./input_controls.tsx";

/** Bounds of how long an order may wait for machines that are off, and may repeat. */
export const LIVES = [
  ["10", "10 minutes"],
  ["60", "an hour"],
  ["1440", "a day"],
  ["10080", "a week"],
  ["43200", "30 days"],
  ["525600", "a year"],
] as const;

/** The form by which one version of a script is ordered. */
export function OrderForm(
  { to, manifest, sent, attached, agent, offered, trouble, by }: {
    to: string;
    manifest: Manifest;
    /** Documents that came with what was sent before. */
    attached: readonly Attachment[];
    /** What was sent before, when it was not taken. */
    sent: Form | undefined;
    /** Whom it is for unless something else is said: an agent's name or key. */
    agent: string;
    /** Agents to choose from. */
    offered: readonly AgentSummary[];
    trouble: string | undefined;
    by: Visitor;
  },
) {
  const value = (name: string, otherwise = "") => sent?.text(name) ?? otherwise;
  return (
    <PostForm to={to} by={by} label="Order" files>
      {trouble !== undefined && <p role="alert" class="refusal">{trouble}</p>}
      <InputFieldset schema={manifest.inputSchema} sent={sent} />
      <AttachmentFieldset attached={attached} />
      <fieldset>
        <legend>For</legend>
        <Choice name="for" value="labels" chosen={value("for", agent ? "agents" : "labels")}>
          Agents with any of these labels
        </Choice>
        <input name="labels" value={value("labels")} aria-label="Labels" />
        <Choice name="for" value="agents" chosen={value("for", agent ? "agents" : "labels")}>
          These agents
        </Choice>
        <AgentFields
          chosen={(sent?.all("agents") ?? [agent]).filter((word) => word !== "")}
          offered={offered}
        />
        <Choice name="for" value="all" chosen={value("for")}>Every agent of the fleet</Choice>
      </fieldset>
      <fieldset>
        <legend>When</legend>
        <Field label="Not before" hint="UTC; empty for at once">
          <input type="datetime-local" name="at" value={value("at")} />
        </Field>
        <Field label="Again every" hint="Minutes; empty for once">
          <input type="number" name="every" min="1" value={value("every")} />
        </Field>
        <Field label="Or again by a pattern" hint="Of cron, in five parts: 0 9 * * 1-5">
          <input name="cron" value={value("cron")} maxlength={100} />
        </Field>
        <Field label="In the time zone" hint="Such as Europe/Berlin; for the pattern alone">
          <input name="timezone" value={value("timezone", "UTC")} maxlength={64} />
        </Field>
        <Field label="Good for" hint="So long it repeats, and waits for machines that are off">
          <Select name="minutes" options={LIVES} chosen={value("minutes", "60")} />
        </Field>
      </fieldset>
      <button type="submit">Order</button>
    </PostForm>
  );
}

function Choice(
  { name, value, chosen, children }: {
    name: string;
    value: string;
    chosen: string;
    children: string;
  },
) {
  return (
    <label class="check">
      <input type="radio" name={name} value={value} checked={value === chosen} />
      {children}
    </label>
  );
}
