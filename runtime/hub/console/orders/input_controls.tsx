import type { Form } from "../environment.ts";
import { Field, Select } from "../parts/form.tsx";
import { visible } from "../parts/visible.ts";
import { type InputField, inputFields } from "./input_fields.ts";
import { fieldName } from "./read_input.ts";

/** The fields of a script's input; one for JSON where its schema names none. */
export function InputFieldset({ schema, sent }: { schema: unknown; sent: Form | undefined }) {
  const fields = inputFields(schema);
  const value = (name: string) => sent?.text(name) ?? "";
  return (
    <fieldset>
      <legend>Input</legend>
      {fields.length === 0
        ? (
          <Field label="Input" hint="JSON; empty for none">
            <textarea name="input">{value("input")}</textarea>
          </Field>
        )
        : fields.map((field) => <Input field={field} value={value(fieldName(field.key))} />)}
    </fieldset>
  );
}

function Input({ field, value }: { field: InputField; value: string }) {
  const { key, kind, required, hint } = field;
  const label = `${visible(key)}${required ? "" : " (optional)"}`;
  return <Field label={label} hint={visible(hint)}>{control(field, kind, value)}</Field>;
}

function control(field: InputField, kind: InputField["kind"], value: string) {
  const { key, required, choices, minimum, maximum } = field;
  const name = fieldName(key);
  switch (kind) {
    case "text":
      return <input name={name} value={value} required={required} />;
    case "number":
    case "integer":
      return (
        <input
          type="number"
          name={name}
          value={value}
          required={required}
          min={minimum}
          max={maximum}
          step={kind === "integer" ? 1 : "any"}
        />
      );
    case "flag":
      return <Select name={name} chosen={value} options={FLAGS} />;
    case "choice": {
      const options = choices.map((choice, i): [string, string] => [
        String(i),
        visible(typeof choice === "string" ? choice : JSON.stringify(choice) ?? ""),
      ]);
      return <Select name={name} chosen={value} options={[["", "—"], ...options]} />;
    }
    case "lines":
      return (
        <textarea name={name} required={required} placeholder="One on each line">{value}</textarea>
      );
    case "json":
      return <textarea name={name} required={required} placeholder="JSON">{value}</textarea>;
  }
}

const FLAGS = [["", "—"], ["true", "yes"], ["false", "no"]] as const;
