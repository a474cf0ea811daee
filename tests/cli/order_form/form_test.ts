import assert from "node:assert/strict";
import fc from "fast-check";
import { fieldsOf } from "../../../runtime/cli/order_form/fields.ts";
import { formHelp } from "../../../runtime/cli/order_form/form_help.ts";
import { jsonPlace } from "../../../runtime/cli/order_form/json_place.ts";
import { parseFields } from "../../../runtime/cli/order_form/parse_fields.ts";
import { withCode } from "../../author/fixture.ts";

const SCHEMA = {
  type: "object",
  required: ["jobName"],
  properties: {
    jobName: { type: "string", minLength: 1, maxLength: 9, description: "Shown on the printer" },
    copies: { type: "integer", minimum: 1 },
    sides: { enum: ["one", "two"] },
    colour: { type: "boolean" },
    pages: { type: "array", items: { type: "integer" } },
    extra: { type: "object" },
  },
};
const FIELDS = fieldsOf(SCHEMA);

Deno.test("parseFields() reads each type of field", () => {
  const read = (...args: string[]) => parseFields(args, FIELDS);
  assert.deepEqual(read(), {});
  assert.deepEqual(read("--job-name", "a", "--copies", "2"), { jobName: "a", copies: 2 });
  assert.deepEqual(read("--jobName=b=c"), { jobName: "b=c" });
  assert.deepEqual(read("--job-name", "--copies"), { jobName: "--copies" });
  assert.deepEqual(read("--colour", "--sides", "two"), { colour: true, sides: "two" });
  assert.deepEqual(read("--no-colour"), { colour: false });
  assert.deepEqual(read("--colour", "false"), { colour: false });
  assert.deepEqual(read("--pages", "1", "--pages", "2"), { pages: [1, 2] });
  assert.deepEqual(read("--extra", '{"a":null}'), { extra: { a: null } });
});

Deno.test("parseFields() refuses what is no field, or no value of one", () => {
  const cases = [
    ["--job-nam", "a"],
    ["--no-copies"],
    ["letter.pdf"],
    ["-c", "2"],
    ["--"],
    ["--=a"],
    ["--__proto__", "1"],
    ["--copies"],
    ["--copies", "two"],
    ["--copies", "1", "--copies", "2"],
    ["--sides", "three"],
    ["--colour=maybe"],
    ["--extra", "{"],
  ];
  for (const args of cases) {
    assert.throws(() => parseFields(args, FIELDS), withCode("CliError", "usage"), args.join(" "));
  }
});

Deno.test("fieldsOf() makes nothing of a schema that names no properties", () => {
  for (const schema of [undefined, null, true, {}, [], { properties: [] }, { type: "string" }]) {
    assert.deepEqual(fieldsOf(schema), []);
  }
});

Deno.test("formHelp() shows type, choices, bounds and what is required", () => {
  const help = formHelp("acme/print", FIELDS);
  assert.match(help, /--job-name <text> +1 to 9 characters; Shown on the printer \(required\)/);
  assert.match(help, /--sides <one\|two>\n/);
  assert.match(help, /--pages <number>\.\.\.\n/);
});

Deno.test("formHelp() says which fields are options of order itself", () => {
  assert.match(
    formHelp("acme/print", FIELDS, ["sides"]),
    /--sides <one\|two> +\(--sides is order's/,
  );
  assert.doesNotMatch(formHelp("acme/print", FIELDS, ["every"]), /order's own/);
});

Deno.test("formHelp() lets no description move the cursor", () => {
  const fields = fieldsOf({ properties: { "a\x1b[2J": { description: "b\x1b]0;c\x07" } } });
  assert.doesNotMatch(formHelp("acme/print", fields), /[\p{Cc}--\n]/v);
});

Deno.test("jsonPlace() finds each value of any JSON text", () => {
  const places = (value: unknown, path: string[] = []): string[][] => [
    path,
    ...(typeof value === "object" && value !== null
      ? Object.entries(value).flatMap(([key, inner]) => places(inner, [...path, key]))
      : []),
  ];
  fc.assert(fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
    const json = JSON.stringify(value, null, indent);
    const parsed = JSON.parse(json);
    for (const path of places(parsed)) {
      const pointer = path.map((key) => `/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
      const [line, column] = jsonPlace(json, pointer.join("")).split(":").map(Number);
      const found = json.split("\n").slice(line! - 1).join("\n").slice(column! - 1);
      const wanted = path.reduce((at, key) => (at as Record<string, unknown>)[key], parsed);
      const text = JSON.stringify(wanted, null, indent).split("\n")[0]!;
      assert.ok(found.startsWith(text), `${pointer.join("")} in ${json}`);
    }
  }));
});
