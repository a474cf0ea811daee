import type { Manifest } from "../../../core/documents/manifest.ts";
import { HubError } from "../../errors.ts";
import type { Ring } from "../../rollout/rings.ts";
import type { Gate } from "../../rollout/gate.ts";
import type { Form, Visitor } from "../environment.ts";
import { InputFieldset } from "../orders/input_controls.tsx";
import { Field, PostForm, Select } from "../parts/form.tsx";

const MINUTE_MS = 60_000;

/** The form by which one version of a script is rolled out. */
export function RolloutForm(
  { to, manifest, others, sent, trouble, by }: {
    to: string;
    manifest: Manifest;
    /** The other versions, to go back to. */
    others: readonly string[];
    sent: Form | undefined;
    trouble: string | undefined;
    by: Visitor;
  },
) {
  const value = (name: string, otherwise: string) => sent?.text(name) ?? otherwise;
  const versions = others.map((version): [string, string] => [version, version]);
  return (
    <PostForm to={to} by={by} label="Roll out">
      {trouble !== undefined && <p role="alert" class="refusal">{trouble}</p>}
      <p>
        Each ring is ordered to run the version. The next one begins when enough of the one before
        did well, and the rollout halts by itself when they did not.
      </p>
      <InputFieldset schema={manifest.inputSchema} sent={sent} />
      <fieldset>
        <legend>Rings</legend>
        <Field label="First" hint="Agents with these labels">
          <input name="labels" required value={value("labels", "canary")} />
        </Field>
        <Field label="Then" hint="Percent of all agents">
          <input type="number" name="percent" min="1" max="99" value={value("percent", "10")} />
        </Field>
        <p class="quiet">And then everybody else.</p>
      </fieldset>
      <fieldset>
        <legend>Gate</legend>
        <Field label="Percent that must do well">
          <input type="number" name="ok" min="1" max="100" value={value("ok", "95")} />
        </Field>
        <Field label="Watched for at the least" hint="Minutes">
          <input type="number" name="settle" min="0" step="any" value={value("settle", "1")} />
        </Field>
        <Field
          label="Goes back to"
          hint="Agents take an older release again only where the accept-list names it by its hash"
        >
          <Select
            name="before"
            chosen={value("before", others[0] ?? "")}
            options={[...versions, ["", "nothing"]]}
          />
        </Field>
      </fieldset>
      <button type="submit">Roll out</button>
    </PostForm>
  );
}

/** @throws {HubError} bad_request – a number is none. */
export function ringsOf(form: Form): Ring[] {
  const percent = form.text("percent");
  return [
    { name: "canary", labels: form.words("labels") },
    ...(percent === "" ? [] : [{ name: `${percent} %`, percent: numberOf(form, "percent") }]),
    { name: "all", percent: 100 },
  ];
}

/** @throws {HubError} bad_request – a number is none. */
export function gateOf(form: Form): Partial<Gate> {
  return { okPercent: numberOf(form, "ok"), settleMs: numberOf(form, "settle") * MINUTE_MS };
}

function numberOf(form: Form, name: string): number {
  const text = form.text(name);
  const number = text === "" ? NaN : Number(text);
  if (number >= 0 && number < 1e6) return number;
  throw new HubError("bad_request", `Cannot roll out as "${name}" is no number`);
}
