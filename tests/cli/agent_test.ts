import assert from "node:assert/strict";
import type { AuditVerdict } from "../../runtime/agent/audit/verify_audit.ts";
import { runCli } from "../../runtime/cli/mod.ts";
import { FleetFolder } from "./fleet_folder.ts";
import { ranWith, TestIo, type TestIoOptions } from "./test_io.ts";
import { withAgent } from "./with_agent.ts";

type Failed = { error: { code: string } };

Deno.test("order --follow runs a published script and answers with its result", async (t) => {
  using fleet = await FleetFolder.make();
  await fleet.publishHello();
  fleet.file("letter.pdf", "x".repeat(300_000));
  await withAgent(fleet, async (agent) => {
    const ready = JSON.parse(agent.out);
    assert.deepEqual(Object.keys(ready), ["url", "agent", "state"]);

    await t.step("with input and a document", async () => {
      const args = ["--input", '{"name":"Ada"}', "--attach", "letter.pdf", "--follow", "--json"];
      const ran = await fleet.done("order", "example/hello", ...args);
      const answer = ran.json<Record<string, unknown>>();
      assert.equal(answer.outcome, "ok");
      assert.deepEqual(answer.result, {
        greeting: "Hello, Ada!",
        documents: [{ name: "letter.pdf", bytes: 300_000 }],
      });
      assert.deepEqual(answer.logs, [
        { level: "progress", text: "100 % read letter.pdf" },
        { level: "info", text: "greeting Ada" },
      ]);
    });

    await t.step("in words", async () => {
      const ran = await fleet.done("order", "example/hello@^1.0.0", "--follow");
      assert.equal(JSON.parse(ran.stdout).greeting, "Hello, world!");
      assert.match(ran.stderr, /^ok \(/m);
    });

    await t.step("without --follow it names the run, which runs shows", async () => {
      const { run, order } = (await fleet.done("order", "example/hello", "--json")).json();
      const followed = await fleet.done("runs", String(run), "--follow", "--json");
      assert.equal(followed.json().outcome, "ok");
      const shown = (await fleet.done("runs", String(run), "--json")).json();
      assert.deepEqual([shown.order, shown.state], [order, "ended"]);
      const { runs } = (await fleet.done("runs", "--json")).json<{ runs: { id: number }[] }>();
      assert.deepEqual(runs.map(({ id }) => id), [3, 2, 1]);
    });

    await t.step(
      "a run that has ended cannot be cancelled, one that is not there is named",
      async () => {
        assert.equal((await fleet.writ(["runs", "cancel", "1", "--json"])).exit, 1);
        for (const args of [["runs", "99"], ["runs", "cancel", "99"]]) {
          assert.equal(
            (await fleet.writ([...args, "--json"])).json<Failed>().error.code,
            "refused",
          );
        }
      },
    );

    await t.step("an order by a stranger's key is refused by the rule's name", async () => {
      await fleet.done("keygen", "stranger");
      const args = ["order", "example/hello", "--key", "keys/stranger.pem", "--json"];
      const ran = await fleet.writ(args);
      assert.deepEqual([ran.exit, ran.json<Failed>().error.code], [1, "threshold"]);
    });

    await t.step(
      "an order for a script without a grant is refused by the rule's name",
      async () => {
        const ran = await fleet.writ(["order", "example/other", "--json"]);
        assert.deepEqual([ran.exit, ran.json<Failed>().error.code], [1, "no_grant"]);
      },
    );

    await t.step("an order that no source has a script for ends as refused, exit 1", async () => {
      const args = ["order", `example/hello@sha256:${"0".repeat(64)}`, "--follow", "--json"];
      const ran = await fleet.writ(args);
      const { outcome, detail } = ran.json<{ outcome: string; detail: { rule: string } }>();
      assert.deepEqual([ran.exit, outcome, detail.rule], [1, "refused", "not_found"]);
    });

    await t.step("a second agent on the same state is refused", async () => {
      const ran = await fleet.writ(["agent", "--json"]);
      assert.equal(ran.json<Failed>().error.code, "state_locked");
    });
  });

  await t.step("afterwards the log holds, and says what happened", async () => {
    const verified = await fleet.done("audit", "verify", "--json");
    assert.equal(verified.json().ok, true);
    const { rows } = (await fleet.done("audit", "tail", "-n", "500", "--json")).json<
      { rows: { event: string }[] }
    >();
    const events = rows.map(({ event }) => event);
    for (const event of ["agent_started", "order_accepted", "run_ended", "agent_stopped"]) {
      assert.ok(events.includes(event), event);
    }
    assert.equal(
      (await fleet.done("audit", "tail", "-n", "2")).stdout.trim().split("\n").length,
      2,
    );
  });
});

Deno.test("order --follow shows a run as it goes, and Ctrl-C leaves it running", async () => {
  using fleet = await FleetFolder.make();
  fleet.file(
    "scripts/hello/mod.ts",
    `export default { async run(_: unknown, ctx: any) {
      ctx.log.info("waiting");
      await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    } };`,
  );
  await fleet.publishHello();
  await withAgent(fleet, async () => {
    const io = new TestIo({ cwd: fleet.path });
    const exit = runCli(["order", "example/hello", "--follow"], io);
    await io.written("err", /waiting/);
    io.raise("SIGINT");
    const ran = ranWith(io, await exit);
    assert.equal(ran.exit, 1);
    assert.match(ran.stderr, /runs cancel 1/);
    assert.equal((await fleet.done("runs", "1", "--json")).json().state, "running");
    assert.equal((await fleet.done("runs", "cancel", "1", "--json")).json().cancelled, true);
    const ended = await fleet.writ(["runs", "1", "--follow", "--json"]);
    assert.deepEqual([ended.exit, ended.json().outcome], [1, "cancelled"]);
  });
});

Deno.test("audit verify finds a row that was changed", async () => {
  using fleet = await FleetFolder.make();
  await withAgent(fleet, () => Promise.resolve());
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${fleet.path}/state/agent.db`);
  database.exec(
    "DROP TRIGGER audit_keeps_content; UPDATE audit SET time = time + 1 WHERE seq = 1",
  );
  database.close();
  const ran = await fleet.writ(["audit", "verify", "--json"]);
  assert.equal(ran.exit, 1);
  assert.deepEqual(ran.json().firstBad, { seq: 1, fault: "changed" });
});

Deno.test("audit verify checks what audit export wrote, and finds what was changed in it", async () => {
  using fleet = await FleetFolder.make();
  await withAgent(fleet, () => Promise.resolve());
  const { stdout } = await fleet.done("audit", "export");
  const verify = async (name: string, text: string) => {
    fleet.file(name, text);
    return (await fleet.writ(["audit", "verify", name, "--json"])).json<AuditVerdict>();
  };
  const lines = stdout.split("\n");
  assert.deepEqual(await verify("whole.jsonl", stdout), { rows: lines.length - 2, ok: true });
  const { stdout: later } = await fleet.done("audit", "export", "--after", "1");
  assert.equal((await verify("later.jsonl", later)).ok, true);

  const changed = stdout.replace('"event":"agent_stopped"', '"event":"agent_paused"');
  assert.equal((await verify("changed.jsonl", changed)).firstBad?.fault, "changed");
  const cut = lines.toSpliced(-2, 1).join("\n");
  assert.equal((await verify("cut.jsonl", cut)).firstBad?.fault, "cut");
  fleet.file("head.jsonl", `{}\n${lines[1]}\n`);
  const refused = await fleet.writ(["audit", "verify", "head.jsonl", "--json"]);
  assert.equal(refused.json<Failed>().error.code, "not_an_export");
  const key = "ed25519:11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
  const stranger = await fleet.writ(["audit", "verify", "whole.jsonl", "--key", key, "--json"]);
  assert.equal(stranger.json<AuditVerdict>().firstBad?.fault, "bad_head");
});

Deno.test("commands say what to do when no agent runs, or there is no fleet", async (t) => {
  using fleet = await FleetFolder.make();
  const code = async (args: string[], options: TestIoOptions = {}) =>
    (await fleet.writ([...args, "--json"], options)).json<Failed>().error.code;
  await t.step("no agent", async () => {
    assert.equal(await code(["runs"]), "unreachable");
    assert.equal(await code(["order", "example/hello"]), "unreachable");
    assert.equal(await code(["audit", "tail"]), "no_state");
  });
  await t.step("an agent that left its address behind", async () => {
    fleet.file("state/agent.url", "http://127.0.0.1:1\n");
    assert.equal(await code(["runs"]), "unreachable");
  });
  await t.step("no fleet", async () => {
    for (const args of [["runs"], ["agent"], ["audit", "verify"], ["policy", "check"]]) {
      assert.equal(await code(args, { cwd: "/" }), "no_fleet");
    }
  });
  await t.step("wrong usage", async () => {
    const cases = [
      ["order", "hello"],
      ["order", "example/hello@nonsense!"],
      ["order", "example/hello", "--expires", "10"],
      ["order", "example/hello", "--at", "tomorrow"],
      ["runs", "seven"],
      ["runs", "--agent", "ftp://x"],
      ["agent", "--listen", "8799"],
      ["agent", "--prewarm", "many"],
      ["audit", "tail", "-n", "0"],
    ];
    for (const args of cases) {
      const ran = await fleet.writ([...args, "--json"]);
      assert.deepEqual([args, ran.exit], [args, 2]);
    }
  });
});

Deno.test("agent refuses a policy with mistakes and an address that is not loopback", async () => {
  using fleet = await FleetFolder.make();
  const away = await fleet.writ(["agent", "--listen", "192.0.2.1:0", "--json"]);
  assert.deepEqual([away.exit, away.json<Failed>().error.code], [1, "listen_refused"]);
  const nameless = await fleet.writ(["agent", "--listen", "0.0.0.0:0", "--json"]);
  assert.deepEqual([nameless.exit, nameless.json<Failed>().error.code], [1, "listen_refused"]);
  assert.match(nameless.stderr + nameless.stdout, /add \\?"hosts\\?" to fleet\.yaml/);
  fleet.file("policy/fleet.yaml", "fleet: test\n");
  const bad = await fleet.writ(["agent", "--json"]);
  assert.deepEqual([bad.exit, bad.json<Failed>().error.code], [1, "policy"]);
});

const SLOW = `export default { async run(_: unknown, ctx: any) {
  ctx.log.info("waiting");
  await new Promise((resolve) => setTimeout(resolve, 700));
  return "done";
} };`;

/** Starts the slow script in an agent, tells it to stop `times` times, and gives the run's end. */
async function stopWhileRunning(times: number): Promise<[exit: number, outcome: unknown]> {
  using fleet = await FleetFolder.make();
  fleet.file("scripts/hello/mod.ts", SLOW);
  await fleet.publishHello();
  const agent = new TestIo({ cwd: fleet.path });
  const exit = runCli(["agent", "--prewarm", "0", "--json"], agent);
  await agent.written("out", /\n/);
  const follower = new TestIo({ cwd: fleet.path });
  const followed = runCli(["order", "example/hello", "--follow"], follower);
  await follower.written("err", /waiting/);
  for (let i = 0; i < times; i++) agent.raise("SIGTERM");
  const code = await exit;
  await followed;
  const { DatabaseSync } = await import("node:sqlite");
  using database = new DatabaseSync(`${fleet.path}/state/agent.db`);
  const row = database.prepare("SELECT outcome FROM runs WHERE id = 1").get();
  return [code, JSON.parse(row!.outcome as string).outcome];
}

Deno.test("agent lets a run under way end when it is told to stop", async () => {
  assert.deepEqual(await stopWhileRunning(1), [0, "ok"]);
});

Deno.test("agent interrupts a run under way when it is told to stop twice, and exits 1", async () => {
  assert.deepEqual(await stopWhileRunning(2), [1, "interrupted"]);
});

Deno.test("agent logs lines to a terminal, JSON elsewhere, and nothing below its level", async (t) => {
  using fleet = await FleetFolder.make();
  const logOf = async (terminal: boolean, ...args: string[]) => {
    const io = new TestIo({ cwd: fleet.path, terminal });
    const exit = runCli(["agent", "--prewarm", "0", ...args], io);
    await io.written("out", /\n/);
    io.raise("SIGINT");
    assert.equal(await exit, 0);
    return io.err;
  };
  await t.step("a terminal", async () => {
    assert.match(await logOf(true), /^\d\d:\d\d:\d\d INFO {2}agent ready /m);
  });
  await t.step("elsewhere", async () => {
    const lines = (await logOf(false)).trim().split("\n").map((line) => JSON.parse(line));
    assert.ok(lines.some(({ message }) => message === "agent ready"));
  });
  await t.step("only errors", async () => {
    assert.equal(await logOf(false, "--log-level", "error"), "");
  });
  await t.step("a level that is none", async () => {
    assert.equal((await fleet.writ(["agent", "--log-level", "loud"])).exit, 2);
  });
});
