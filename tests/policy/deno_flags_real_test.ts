import assert from "node:assert/strict";
import { denoFlags } from "../../runtime/policy/mod.ts";
import { ALL_SYS } from "../../runtime/policy/permissions/names.ts";

type Permissions = Parameters<typeof denoFlags>[0];

/** Tries to reach each `host:port` by fetch and by a plain connection, on a line each. */
const PROBE = `
for (const host of Deno.args) {
  const byFetch = await fetch("http://" + host, { signal: AbortSignal.timeout(5000) })
    .then((r) => r.text(), (e) => "refused " + e.message);
  const [, name, port] = /^(.*):(\\d+)$/.exec(host);
  const hostname = name.replace(/^\\[|\\]$/g, "");
  const byConnect = await Deno.connect({ hostname, port: Number(port) })
    .then((c) => (c.close(), "connected"), (e) => e.name);
  console.log(JSON.stringify([host, byFetch === "hello", byConnect === "connected"]));
}`;

Deno.test("denoFlags() let a real Deno reach what was granted and nothing else", async (t) => {
  await using server = listen("127.0.0.1");
  await using other = listen("127.0.0.1");
  const { port: p } = server.addr;
  const { port: q } = other.addr;
  const cases: [what: string, permissions: Permissions, reached: string[], refused: string[]][] = [
    [
      "an address",
      { net: [{ address: `127.0.0.1:${p}`, internal: false }] },
      [`127.0.0.1:${p}`],
      [
        `0.0.0.0:${p}`,
        `localhost:${p}`,
        `[::1]:${p}`,
        `127.0.0.2:${p}`,
        `127.0.0.1:${q}`,
        `0:${p}`,
      ],
    ],
    [
      "a name that resolves to loopback, without internal",
      { net: [{ address: `localhost:${p}`, internal: false }] },
      [],
      [`localhost:${p}`, `127.0.0.1:${p}`],
    ],
    [
      "a name that resolves to loopback, with internal",
      { net: [{ address: `localhost:${p}`, internal: true }] },
      [`localhost:${p}`],
      [`127.0.0.1:${p}`, `localhost:${q}`],
    ],
    [
      "a name on another port than the granted address",
      {
        net: [
          { address: `127.0.0.1:${p}`, internal: false },
          { address: `localhost:${q}`, internal: false },
        ],
      },
      [`127.0.0.1:${p}`],
      [`localhost:${q}`, `127.0.0.1:${q}`],
    ],
    [
      "an internal name beside a public one",
      {
        net: [
          { address: `localhost:${p}`, internal: true },
          { address: `localhost:${q}`, internal: false },
        ],
      },
      [`localhost:${p}`],
      [`localhost:${q}`],
    ],
    ["nothing", {}, [], [`127.0.0.1:${p}`, `localhost:${p}`]],
  ];
  for (const [what, permissions, reached, refused] of cases) {
    await t.step(what, async () => {
      const lines = await probe(permissions, [...reached, ...refused]);
      assert.deepEqual(lines, [
        ...reached.map((host) => [host, true, true]),
        ...refused.map((host) => [host, false, false]),
      ]);
    });
  }
});

Deno.test("a real Deno reaches every one of those when nothing is denied", async () => {
  await using server = listen("127.0.0.1");
  const { port } = server.addr;
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`, `0.0.0.0:${port}`];
  const lines = await probe({ unsafe: [{ permission: "net", value: "", reason: "test" }] }, hosts);
  assert.deepEqual(lines, hosts.map((host) => [host, true, true]));
});

Deno.test("denoFlags() let a real Deno read and write what was granted and nothing else", async () => {
  const dir = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const name of ["in", "out", "in-too"]) {
      await Deno.mkdir(`${dir}/${name}`);
      await Deno.writeTextFile(`${dir}/${name}/file`, name);
    }
    const code = `
      const attempts = {
        read: () => Deno.readTextFile("${dir}/in/file"),
        readSibling: () => Deno.readTextFile("${dir}/in-too/file"),
        readOut: () => Deno.readTextFile("${dir}/out/file"),
        write: () => Deno.writeTextFile("${dir}/out/new", "x"),
        writeIn: () => Deno.writeTextFile("${dir}/in/new", "x"),
        readParent: () => Array.fromAsync(Deno.readDir("${dir}")),
        // Computed: Deno loads what it can read in the source before it asks for permission.
        importFile: () => import(["file://${dir}/in-too/file"].join(), { with: { type: "text" } }),
      };
      for (const [name, attempt] of Object.entries(attempts)) {
        console.log(JSON.stringify([name, await attempt().then(() => true, () => false)]));
      }`;
    const lines = await run({ read: [`${dir}/in`], write: [`${dir}/out`] }, code, []);
    assert.deepEqual(Object.fromEntries(lines as [string, boolean][]), {
      read: true,
      readSibling: false,
      readOut: false,
      write: true,
      writeIn: false,
      readParent: false,
      importFile: false,
    });
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("every sys name that unsafe takes is one that Deno takes", async () => {
  const unsafe = ALL_SYS.map((value) => ({ permission: "sys" as const, value, reason: "test" }));
  assert.deepEqual(await run({ unsafe }, "console.log(1)", []), [1]);
});

Deno.test("the unsafe net values that are taken are ones that Deno takes", async () => {
  const values = ["*.example.com:443", "10.0.0.0/8:9100", "10.0.0.0/8", "[fd00::1]", "a.example"];
  const unsafe = values.map((value) => ({ permission: "net" as const, value, reason: "test" }));
  assert.deepEqual(await run({ unsafe }, "console.log(1)", []), [1]);
});

Deno.test("Deno still reads no IPv6 block in --deny-net, which is why there is none", async () => {
  // When this fails, denyNetValues() can write the blocks out, and a cell may ask for IPv6 again.
  const { success } = await deno(["--allow-net", "--deny-net=fc00::/7"], "1", []);
  assert.equal(success, false);
});

function listen(hostname: string) {
  return Deno.serve({ hostname, port: 0, onListen() {} }, () => new Response("hello"));
}

function probe(permissions: Permissions, hosts: string[]) {
  return run(permissions, PROBE, hosts);
}

async function run(permissions: Permissions, code: string, args: string[]): Promise<unknown[]> {
  const { allow, deny } = denoFlags(permissions);
  const { success, stdout, stderr } = await deno([...allow, ...deny], code, args);
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
}

async function deno(flags: string[], code: string, args: string[]): Promise<Deno.CommandOutput> {
  const script = `data:application/javascript,${encodeURIComponent(code)}`;
  return await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-config",
      "--no-lock",
      "--no-remote",
      "--no-npm",
      ...flags,
      script,
      ...args,
    ],
    stdin: "null",
  }).output();
}
