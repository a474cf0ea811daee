import assert from "node:assert/strict";
import type { AuditEvent } from "../../../runtime/agent/audit/audit_row.ts";
import { silentLog } from "../../../runtime/agent/log.ts";
import { ReleaseFolder, type ReleaseMark } from "../../../runtime/agent/release/release_folder.ts";
import { Releases } from "../../../runtime/agent/release/releases.ts";
import { Store } from "../../../runtime/agent/store/store.ts";
import { TemporaryDir } from "../../temporary_dir.ts";

type Marks = Partial<Record<ReleaseMark, number>>;
const MARKS = ["next", "trying", "current", "previous", "failed"] as const;

/** The releases of an agent that runs the program of one, with some of them marked. */
class Machine implements Disposable {
  readonly #dir = new TemporaryDir();
  readonly folder = new ReleaseFolder(`${this.#dir.path}/releases`);
  readonly audited: AuditEvent[] = [];
  readonly #store = Store.open(`${this.#dir.path}/state.db`);
  readonly releases: Releases;

  constructor(running: number, marks: Marks) {
    Deno.mkdirSync(this.folder.path);
    for (const [mark, number] of Object.entries(marks)) {
      this.folder.mark(mark as ReleaseMark, number);
    }
    this.releases = new Releases({
      state: this.#dir.path,
      store: this.#store,
      audit: { append: (event) => void this.audited.push(event) },
      root: () => undefined,
      sources: () => [],
      now: Date.now,
      log: silentLog,
      supervised: true,
      program: this.folder.of(running),
    });
  }

  get marks(): Marks {
    const all = MARKS.map((mark) => [mark, this.folder.marked(mark)]);
    return Object.fromEntries(all.filter(([, number]) => number !== undefined));
  }

  [Symbol.dispose](): void {
    this.releases[Symbol.dispose]();
    this.#store[Symbol.dispose]();
    this.#dir[Symbol.dispose]();
  }
}

const CASES: Record<string, { running: number; marks: Marks; to: number | null; left: Marks }> = {
  "to the one before": {
    ...{ running: 3, marks: { current: 3, previous: 2 }, to: 2, left: { current: 2 } },
  },
  "to what was installed": { ...{ running: 2, marks: { current: 2 }, to: null, left: {} } },
  "past what was to be started next": {
    ...{ running: 3, marks: { next: 4, current: 3, previous: 2 }, to: 2, left: { current: 2 } },
  },
  "from one that is tried, to the one that is current": {
    ...{ running: 4, marks: { trying: 4, current: 3, previous: 2 }, to: 3 },
    left: { current: 3, previous: 2 },
  },
};

for (const [name, { running, marks, to, left }] of Object.entries(CASES)) {
  Deno.test(`goBack() leads ${name}`, async () => {
    using machine = new Machine(running, marks);
    assert.equal(machine.releases.status().previous, to);
    await machine.releases.goBack();
    await machine.releases.ready;
    assert.deepEqual(machine.marks, left);
    assert.deepEqual(machine.audited, [
      { event: "release_back", detail: { release: running, to } },
    ]);
  });
}

Deno.test("goBack() refuses when what was installed runs, and changes nothing", async () => {
  using machine = new Machine(9, { current: 3, previous: 2 });
  await assert.rejects(machine.releases.goBack(), { name: "AgentError", code: "no_release" });
  assert.deepEqual([machine.marks, machine.audited], [{ current: 3, previous: 2 }, []]);
});

Deno.test("goBack() leaves a release to start wherever it breaks off", async () => {
  using machine = new Machine(3, { next: 4, current: 3, previous: 2 });
  const { mark, unmark } = ReleaseFolder.prototype;
  const started: (number | undefined)[] = [];
  const look = () => {
    const { next, current } = machine.marks;
    started.push(next ?? current);
  };
  ReleaseFolder.prototype.mark = function (...of) {
    mark.apply(this, of);
    look();
  };
  ReleaseFolder.prototype.unmark = function (...of) {
    unmark.apply(this, of);
    look();
  };
  try {
    await machine.releases.goBack();
  } finally {
    Object.assign(ReleaseFolder.prototype, { mark, unmark });
  }
  assert.deepEqual(started, [3, 2, 2]);
});
