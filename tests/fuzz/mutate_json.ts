import fc from "fast-check";

/** What a schema may have forgotten. */
const HOSTILE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  Number.MAX_SAFE_INTEGER,
  "",
  " ",
  "x".repeat(300),
  "é\u0000\u202e",
  "__proto__",
  "1.2.3",
  "*",
  ">=0 <0 || ".repeat(40),
  "2026-02-30T00:00:00Z",
  "9999-12-31T23:59:59Z",
  "sha256:" + "0".repeat(64),
  "ed25519:" + "A".repeat(43), // of small order
  "acme/hello",
  [],
  [[]],
  {},
  { constructor: 1 },
  { toString: null },
];
const KEYS = ["x", "", "constructor", "toString", "hasOwnProperty", "length", "acme/hello"];

interface Change {
  at: number;
  kind: "replace" | "remove" | "add" | "repeat";
  value: unknown;
  key: string;
}

/** A JSON value with a few changes: other values, keys and items missing, added or repeated. */
export function mutatedJson(value: unknown): fc.Arbitrary<unknown> {
  const change: fc.Arbitrary<Change> = fc.record({
    at: fc.nat(1 << 16),
    kind: fc.constantFrom("replace", "remove", "add", "repeat"),
    value: fc.oneof(fc.constantFrom(...HOSTILE), fc.jsonValue({ maxDepth: 2 })),
    key: fc.constantFrom(...KEYS),
  });
  return fc.array(change, { minLength: 1, maxLength: 3 }).map((changes) => {
    const root = { value: structuredClone(value) };
    for (const one of changes) apply(root, one);
    return root.value;
  });
}

function apply(root: { value: unknown }, { at, kind, value, key }: Change): void {
  const places = [...placesIn(root)];
  const [holder, name] = places[at % places.length]!;
  const held = holder[name];
  if (kind === "replace") holder[name] = structuredClone(value);
  else if (kind === "remove") {
    if (Array.isArray(holder)) holder.splice(Number(name), 1);
    else if (holder !== root) delete holder[name];
  } else if (Array.isArray(held)) {
    held.push(kind === "repeat" ? structuredClone(held[0] ?? null) : structuredClone(value));
  } else if (typeof held === "object" && held !== null) {
    (held as Holder)[key] = structuredClone(value);
  }
}

type Holder = Record<string, unknown>;

function* placesIn(holder: object): Generator<[Holder, string]> {
  for (const [name, value] of Object.entries(holder)) {
    yield [holder as Holder, name];
    if (typeof value === "object" && value !== null) yield* placesIn(value);
  }
}
