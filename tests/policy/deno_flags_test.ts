import assert from "node:assert/strict";
import { denoFlags, parseGrant, PolicyError } from "../../runtime/policy/mod.ts";

/** What is denied beside a granted name or address, when nothing is cut out. */
const DENY_ALL =
  "127.0.0.0/8,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,100.64.0.0/10,198.18.0.0/15,[::1]," +
  "169.254.0.0/16,0.0.0.0/8,[::],168.63.129.16,192.0.0.0/24,[fd00:ec2::254],[fd20:ce::254]," +
  "224.0.0.0/4,240.0.0.0/4";

Deno.test("denoFlags() compiles a grant to these very flags", async (t) => {
  const cases: [what: string, yaml: string, allow: string[], deny: string[]][] = [
    ["nothing", "{}", [], ["--deny-import"]],
    [
      "a public address",
      'net: ["93.184.216.34:443"]',
      ["--allow-net=93.184.216.34:443"],
      [`--deny-net=${DENY_ALL}`, "--deny-import"],
    ],
    [
      "a name",
      "net: [example.com:443]",
      ["--allow-net=example.com:443"],
      [`--deny-net=${DENY_ALL}`, "--deny-import"],
    ],
    [
      "an internal name",
      "net: [{ address: printer:631, internal: true }]",
      ["--allow-net=printer:631"],
      [
        "--deny-net=169.254.0.0/16,0.0.0.0/8,[::],100.100.100.200,168.63.129.16,192.0.0.0/24," +
        "[fd00:ec2::254],[fd20:ce::254],224.0.0.0/4,240.0.0.0/4",
        "--deny-import",
      ],
    ],
    [
      "a private address, cut out of its range",
      'net: ["10.0.0.0:80"]',
      ["--allow-net=10.0.0.0:80"],
      [
        `--deny-net=${
          DENY_ALL.replace(
            "10.0.0.0/8",
            Array.from({ length: 24 }, (_, i) => {
              const bit = 1 << i;
              const address = [16, 8, 0].map((shift) => (bit >> shift) & 255).join(".");
              return `10.${address}${i === 0 ? "" : `/${32 - i}`}`;
            }).join(","),
          )
        }`,
        "--deny-import",
      ],
    ],
    [
      "files, variables and sys",
      "read: [/srv/b, /srv/a]\nwrite: [/srv/a]\nenv: [B, A]\nsys: [hostname]",
      [
        "--allow-read=/srv/a,/srv/b",
        "--allow-write=/srv/a",
        "--allow-env=A,B",
        "--allow-sys=hostname",
      ],
      ["--deny-import"],
    ],
    [
      "an unsafe program",
      "unsafe: [{ permission: run, value: /usr/bin/lp, reason: driver }]",
      ["--allow-run=/usr/bin/lp"],
      ["--deny-import"],
    ],
    [
      "everything of one kind",
      "read: [/srv/a]\nunsafe: [{ permission: read, reason: backup }]",
      ["--allow-read"],
      ["--deny-import"],
    ],
  ];
  for (const [what, yaml, allow, deny] of cases) {
    await t.step(what, () => {
      const grant = parseGrant(
        `permissions:${yaml === "{}" ? " {}" : `\n  ${yaml.replaceAll("\n", "\n  ")}`}`,
        "g.yaml",
      );
      const flags = denoFlags(grant.permissions);
      assert.deepEqual(flags.allow, allow);
      assert.deepEqual(flags.deny, deny);
    });
  }
});

Deno.test("denoFlags() gives the worker the same as the process, and nothing it was not given", () => {
  assert.equal(denoFlags({}).worker, "none");
  assert.deepEqual(
    denoFlags({
      net: [{ address: "example.com:443", internal: false }],
      read: ["/srv/a"],
      unsafe: [{ permission: "run", value: "", reason: "why" }],
    }).worker,
    {
      net: ["example.com:443"],
      read: ["/srv/a"],
      write: false,
      env: false,
      sys: false,
      run: true,
      ffi: false,
      import: false,
    },
  );
});

Deno.test("denoFlags() marks the flags that hold something unsafe", () => {
  const { unsafe } = denoFlags({
    read: ["/srv/a"],
    env: ["A"],
    unsafe: [
      { permission: "read", value: "/etc/ssh", reason: "audit" },
      { permission: "ffi", value: "", reason: "gpu" },
    ],
  });
  assert.deepEqual(unsafe, ["--allow-read=/etc/ssh,/srv/a", "--allow-ffi"]);
});

Deno.test("denoFlags() refuses what a signed list could smuggle into a flag", async (t) => {
  const cases: [string, Parameters<typeof denoFlags>[0], string][] = [
    ["a comma in a path", { read: ["/srv,/etc"] }, "bad_value"],
    ["a relative path", { read: ["srv"] }, "bad_value"],
    ["a climbing path", { read: ["/srv/../etc"] }, "bad_value"],
    ["the empty path, which means all", { read: [""] }, "bad_value"],
    ["a kernel tree", { read: ["/proc"] }, "needs_unsafe"],
    ["the whole disk", { write: ["/"] }, "needs_unsafe"],
    ["a place for programs", { write: ["/usr/local/bin"] }, "needs_unsafe"],
    ["a home's keys", { read: ["/home/eve/.ssh"] }, "needs_unsafe"],
    ["a host without a port", { net: [{ address: "a.example", internal: false }] }, "bad_value"],
    ["two hosts in one", { net: [{ address: "a:1,b:2", internal: false }] }, "bad_value"],
    ["all variables", { env: ["*"] }, "bad_value"],
    ["the empty variable", { env: [""] }, "bad_value"],
    ["a steering variable", { env: ["NODE_OPTIONS"] }, "needs_unsafe"],
    ["a proxy", { env: ["https_proxy"] }, "needs_unsafe"],
    ["all of sys", { sys: [""] }, "bad_value"],
    [
      "a comma in an unsafe value",
      { unsafe: [{ permission: "run", value: "lp,sh", reason: "x" }] },
      "bad_value",
    ],
    [
      "a blank reason",
      { unsafe: [{ permission: "run", value: "lp", reason: " " }] },
      "missing_key",
    ],
  ];
  for (const [what, permissions, code] of cases) {
    await t.step(what, () => {
      assert.throws(
        () => denoFlags(permissions),
        (error) => error instanceof PolicyError && error.code === code,
      );
    });
  }
});

Deno.test("denoFlags() refuses the paths that are kept, and only those", () => {
  const options = { kept: ["/srv/state"] };
  for (const path of ["/srv/state", "/srv/state/db", "/srv"]) {
    assert.throws(() => denoFlags({ read: [path] }, options), PolicyError);
  }
  assert.deepEqual(denoFlags({ read: ["/srv/states"] }, options).allow, [
    "--allow-read=/srv/states",
  ]);
});
