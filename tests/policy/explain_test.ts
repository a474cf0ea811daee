import assert from "node:assert/strict";
import {
  checkPolicyDir,
  denoFlags,
  explain,
  explainText,
  parseGrant,
} from "../../runtime/policy/mod.ts";
import { goodFiles, policyFolder } from "./fixture.ts";

Deno.test("explain() names who may order, what is accepted, and the very flags", async () => {
  const files = goodFiles();
  await using folder = await policyFolder({
    ...files,
    "accept.yaml": files["accept.yaml"] +
      "deny: [{ script: acme/print, range: <1.2, reason: bug }]\n",
  });
  const { loaded } = await checkPolicyDir(folder.dir);
  assert.ok(loaded?.mode === "local");
  const grant = loaded.policy.grants.get("acme/print")!;
  const explanation = explain(grant, loaded.policy);
  assert.deepEqual(explanation.orders.map((o) => o.words), [
    "hub: 1 of 1 key",
    "operator: 1 of 1 key",
  ]);
  assert.deepEqual(explanation.accepted, ["versions ^1.10"]);
  assert.deepEqual(explanation.denied, ["versions <1.2 (reason: bug)"]);
  assert.deepEqual(explanation.beyondCeiling, []);
  const { allow, deny } = denoFlags(grant.permissions);
  assert.deepEqual(explanation.flags, { allow, deny });
  assert.equal(
    explainText(explanation).replace(/--deny-net=\S+/, "--deny-net=…"),
    `acme/print
  in short      can talk to 192.168.1.20 port 631 and nothing else; can also listen there
  signed by     1 of 1 active key
  accepted      versions ^1.10
  denied        versions <1.2 (reason: bug)
  ordered by    hub: 1 of 1 key
                operator: 1 of 1 key
  permissions   net 192.168.1.20:631     can talk to 192.168.1.20 port 631; can also listen there
  limits        memory 128 MB, cpu 10 s, wall 2 min, output 1 MB, runs 4
  life          fresh: a new cell for each run
  isolation     level 0 or higher
  deno flags    --allow-net=192.168.1.20:631
                --deny-net=…
                --deny-import
`,
  );
});

Deno.test("explain() names what is denied by its hash", async () => {
  const files = goodFiles();
  const module = `sha256:${"a".repeat(64)}`;
  await using folder = await policyFolder({
    ...files,
    "accept.yaml": files["accept.yaml"] +
      `deny: [{ sha256: "${module}", reason: bug }]\n`,
  });
  const { loaded } = await checkPolicyDir(folder.dir);
  assert.ok(loaded?.mode === "local");
  const { denied } = explain(loaded.policy.grants.get("acme/print")!, loaded.policy);
  assert.deepEqual(denied, [`exactly ${module} (reason: bug)`]);
});

Deno.test("explain() survives JSON unchanged", () => {
  const explanation = explain(parseGrant("permissions: { read: [/srv/a] }", "g.yaml"));
  assert.deepEqual(JSON.parse(JSON.stringify(explanation)), explanation);
});

Deno.test("explainText() says unsafe in words, and red only when asked", () => {
  const explanation = explain(parseGrant(
    "permissions:\n  unsafe: [{ permission: run, value: /usr/bin/lp, reason: old driver }]\n",
    "g.yaml",
  ));
  const plain = explainText(explanation);
  assert.ok(
    plain.includes("UNSAFE can start /usr/bin/lp, which nothing bounds (reason: old driver)"),
  );
  assert.ok(!plain.includes("and nothing else"));
  assert.ok(!plain.includes("\x1b"));
  const colored = explainText(explanation, { color: true });
  assert.ok(colored.includes("\x1b[1;31mUNSAFE can start"));
  assert.ok(colored.includes("\x1b[1;31m--allow-run=/usr/bin/lp\x1b[0m"));
});

Deno.test("explainText() says so when a script can touch nothing", () => {
  const text = explainText(explain(parseGrant("permissions: {}", "g.yaml")));
  assert.ok(text.includes("can touch nothing"));
});

Deno.test("explain() shows what a lower ceiling takes from a grant", async () => {
  await using folder = await policyFolder(goodFiles());
  const { loaded } = await checkPolicyDir(folder.dir);
  assert.ok(loaded?.mode === "local");
  const policy = { ...loaded.policy, ceiling: { ...loaded.policy.ceiling, permissions: {} } };
  const explanation = explain(policy.grants.get("acme/print")!, policy);
  assert.equal(explanation.beyondCeiling.length, 1);
  assert.ok(explainText(explanation).includes("DOES NOT RUN"));
});

Deno.test("summaryOf() says what a grant comes to, and what is unsafe before all", async (t) => {
  const cases: [what: string, yaml: string, summary: string][] = [
    ["nothing", "{}", "can touch nothing: no network, no file, no variable"],
    [
      "one host",
      '{ net: ["192.168.1.20:631"] }',
      "can talk to 192.168.1.20 port 631 and nothing else; can also listen there",
    ],
    [
      "some of each",
      '{ net: [a.example:443, "10.0.0.1:80"], read: [/srv/a], env: [A, B, C], sys: [cpus] }',
      "can talk to a.example port 443 and 10.0.0.1 port 80, read /srv/a, see A, B and C of the " +
      "environment and ask the system for cpus and nothing else; can also listen there",
    ],
    [
      "something unsafe",
      "{ read: [/srv/a], unsafe: [{ permission: run, reason: old driver }] }",
      "UNSAFE: can start any program (reason: old driver); can also read /srv/a",
    ],
  ];
  for (const [what, yaml, summary] of cases) {
    await t.step(what, () => {
      assert.equal(explain(parseGrant(`permissions: ${yaml}`, "g.yaml")).summary, summary);
    });
  }
});

Deno.test("explain() says first that nothing runs, or until when", async () => {
  await using folder = await policyFolder(goodFiles());
  const { loaded } = await checkPolicyDir(folder.dir);
  assert.ok(loaded?.mode === "local");
  const { policy } = loaded;
  const grant = policy.grants.get("acme/print")!;
  assert.deepEqual(explain(grant, policy).notes, []);
  const { notes } = explain(grant, { ...policy, auditMode: true, expires: 0 });
  assert.equal(notes.length, 2);
  assert.match(
    explainText(explain(grant, { ...policy, auditMode: true }), { color: true }),
    /^acme\/print\n +\p{Cc}\[1;31mNOTHING RUNS HERE/u,
  );
});
