import assert from "node:assert/strict";
import * as fc from "fast-check";
import { Fields } from "../../scripts/co-browse/session/fields.ts";
import { SESSION_LIMITS } from "../../scripts/co-browse/session/limits.ts";
import type { Stamp } from "../../scripts/co-browse/wire/guest_message.ts";
import { SessionStage } from "./session_stage.ts";

interface Writing {
  field: string;
  value: string;
  stamp: Stamp;
  /** It came when somebody else had control, say. */
  isRefused?: boolean;
}

/** What stands in all fields, as one is told who comes back, and what of theirs was looked at. */
interface State {
  fields: { field: string; value: string; stamp: Stamp | undefined }[];
  heard: number;
}

const NAMES = ["f", "g"];

/** One side: its fields as a browser shows them. */
class Side {
  readonly fields = new Fields();
  readonly shown = new Map(NAMES.map((field) => [field, ""]));
  readonly inbox: (Writing | State)[] = [];
  constructor(readonly name: string) {}

  type(field: string, value: string): Writing {
    this.shown.set(field, value);
    return { field, value, stamp: this.fields.write(field, this.name) };
  }

  take({ field, value, stamp }: Writing): boolean {
    const wins = this.fields.take(field, stamp);
    if (wins) this.shown.set(field, value);
    return wins;
  }

  stateAfter(heard: number): State {
    const written = this.fields.now();
    const fields = NAMES.map((field) => {
      return { field, value: this.shown.get(field)!, stamp: written.get(field) };
    });
    return { fields, heard };
  }

  hear(told: Writing | State): void {
    if ("field" in told) return void this.take(told);
    const heard = { n: told.heard, by: this.name };
    for (const { field, value, stamp } of told.fields) {
      if (this.fields.settle(field, stamp, heard)) this.shown.set(field, value);
    }
  }
}

/** Who types where, whose message arrives next, who loses the link, and who is refused. */
const moves = fc.array(
  fc.oneof(
    fc.record({ type: fc.nat(3), field: fc.constantFrom(...NAMES) }),
    fc.record({ arrives: fc.nat(3) }),
    fc.record({ returns: fc.nat(2), types: fc.constantFrom(undefined, ...NAMES) }),
    fc.record({ refused: fc.nat(2), field: fc.constantFrom(...NAMES) }),
  ),
  { maxLength: 80 },
);

Deno.test("whoever types when, and whoever loses the link, a host and three guests end with the same", () => {
  fc.assert(fc.property(moves, (moves) => {
    const [host, ...guests] = ["p0", "p1", "p2", "p3"].map((name) => new Side(name));
    const toHost = guests.map((): (Writing | "resync")[] => []);
    const heard = guests.map(() => 0);
    let written = 0;
    const relay = (writing: Writing, from: string) => {
      for (const guest of guests) if (guest.name !== from) guest.inbox.push(writing);
    };
    const arrive = (i: number) => {
      const said = toHost[i]?.shift();
      if (said === "resync") guests[i]!.inbox.push(host!.stateAfter(heard[i]!));
      else if (said) {
        heard[i] = said.stamp.n;
        if (!said.isRefused && host!.take(said)) relay(said, guests[i]!.name);
      }
      const next = guests[i]?.inbox.shift();
      if (next) guests[i]!.hear(next);
    };
    const comesBack = (i: number, types: string | undefined) => {
      const guest = guests[i]!;
      guest.inbox.length = toHost[i]!.length = 0;
      // What is typed without a link is lost.
      if (types) guest.type(types, `${++written}`);
      guest.fields.forget();
      guest.inbox.push(host!.stateAfter(heard[i]!));
    };
    for (const move of moves) {
      if ("arrives" in move) arrive(move.arrives);
      else if ("returns" in move) comesBack(move.returns, move.types);
      else if ("refused" in move) {
        const writing = guests[move.refused]!.type(move.field, `${++written}`);
        toHost[move.refused]!.push({ ...writing, isRefused: true }, "resync");
      } else if (move.type === 0) relay(host!.type(move.field, `${++written}`), "p0");
      else toHost[move.type - 1]!.push(guests[move.type - 1]!.type(move.field, `${++written}`));
    }
    for (let left = 0; left < 400; left++) arrive(left % 3);
    for (const guest of guests) assert.deepEqual(sorted(guest.shown), sorted(host!.shown));
  }));
});

Deno.test("a guest cannot write for ever by a stamp far ahead, nor in another's name", () => {
  const stage = new SessionStage();
  const { guest, connection, say } = stage.joins();
  stage.session.give(guest.id);
  const input = { type: "input", element: { path: "#name" }, value: "x" } as const;
  const n = SESSION_LIMITS.STAMP_AHEAD;
  say({ t: "input", input, stamp: { n: n + 1, by: guest.id } });
  say({ t: "input", input, stamp: { n: 1, by: "p0" } });
  say({ t: "input", input });
  assert.deepEqual(connection.of("not").map(({ why }) => why), ["stamp", "stamp", "stamp"]);
  assert.deepEqual(stage.applied, []);
  say({ t: "input", input, stamp: { n, by: guest.id } });
  assert.equal(stage.applied.length, 1);
});

Deno.test("a writing that comes late is not applied over a newer one", () => {
  const stage = new SessionStage();
  const { guest, say } = stage.joins();
  stage.session.give(guest.id);
  const input = { type: "input", element: { path: "#name" }, value: "x", tab: 1 } as const;
  stage.session.local({ ...input, value: "host" });
  stage.session.local({ ...input, value: "host again" });
  say({ t: "input", input, stamp: { n: 1, by: guest.id } });
  assert.deepEqual(stage.applied, []);
  say({ t: "input", input, stamp: { n: 2, by: guest.id } });
  assert.equal(stage.applied.length, 1, "of the same count the greater name wins");
});

function sorted(map: Map<string, string>) {
  return [...map].sort();
}
