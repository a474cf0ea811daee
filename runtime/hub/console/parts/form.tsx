import type { Child } from "hono/jsx";
import type { Visitor } from "../environment.ts";

/** A form of this session. */
export function PostForm(
  { to, by, label, class: kind, files = false, children }: {
    to: string;
    by: Visitor;
    /** What the form is for, where no heading says it. */
    label?: string;
    class?: string;
    /** Whether it sends documents along. */
    files?: boolean;
    children?: Child;
  },
) {
  return (
    <form
      method="post"
      action={to}
      class={kind}
      aria-label={label}
      enctype={files ? "multipart/form-data" : undefined}
    >
      <input type="hidden" name="form" value={by.formToken} />
      {children}
    </form>
  );
}

/** One field with its label, and what should be known about it. */
export function Field(
  { label, hint, children }: { label: string; hint?: string | undefined; children: Child },
) {
  return (
    <label class="field">
      <span>{label}</span>
      {children}
      {hint !== undefined && hint !== "" && <small>{hint}</small>}
    </label>
  );
}

/** A choice among words. */
export function Select(
  { name, options, chosen }: {
    name: string;
    options: readonly (readonly [value: string, word: string])[];
    chosen?: string | undefined;
  },
) {
  return (
    <select name={name}>
      {options.map(([value, word]) => (
        <option value={value} selected={value === chosen}>{word}</option>
      ))}
    </select>
  );
}
