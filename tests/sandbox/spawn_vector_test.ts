import assert from "node:assert/strict";
import { DEFAULT_LIMITS } from "../../runtime/core/documents/grant.ts";
import type { Host } from "../../runtime/sandbox/host.ts";
import { NO_RIGHTS, spawnVector } from "../../runtime/sandbox/spawn_vector.ts";

const HOST: Host = {
  deno: "/opt/deno",
  tools: { setpriv: "/bin/setpriv", unshare: "/bin/unshare", prlimit: "/bin/prlimit" },
  level: 1,
  missing: [],
};
const GRANT = { rights: NO_RIGHTS, limits: DEFAULT_LIMITS };
const NET = {
  rights: {
    allow: ["--allow-net=192.0.2.1:631"],
    deny: ["--deny-net=127.0.0.0/8"],
    worker: { net: ["192.0.2.1:631"] },
  },
  limits: DEFAULT_LIMITS,
};

function commandLine(...args: Parameters<typeof spawnVector>): string[] {
  const vector = spawnVector(...args);
  return [vector.command, ...vector.args].filter((arg) => !arg.startsWith("data:"));
}

Deno.test("spawnVector() locks a cell without rights from the outside in", () => {
  assert.deepEqual(commandLine(HOST, GRANT, 1_000_000_000, true), [
    "/bin/setpriv",
    "--no-new-privs",
    "--bounding-set=-all",
    "--inh-caps=-all",
    "--pdeathsig=KILL",
    "/bin/unshare",
    "-cn",
    "/bin/prlimit",
    "--data=1128000000",
    "--core=0",
    "--nofile=256",
    "--fsize=0",
    "--cpu=4:4",
    "/opt/deno",
    "run",
    "--quiet",
    "--no-prompt",
    "--no-config",
    "--no-lock",
    "--no-remote",
    "--no-npm",
    "--cached-only",
    "--no-code-cache",
    "--unstable-worker-options",
    "--v8-flags=--max-old-space-size=61",
  ]);
});

Deno.test("spawnVector() lets only a cell with a right to write make files", () => {
  const limitFor = (flag: string) => {
    const rights = { ...NO_RIGHTS, allow: [flag] };
    return commandLine(HOST, { ...GRANT, rights }, 1, true).find((arg) => /^--fsize/.test(arg));
  };
  assert.equal(limitFor("--allow-write=/srv/out"), "--fsize=100000000");
  assert.equal(limitFor("--allow-run=/usr/bin/lp"), "--fsize=100000000");
  assert.equal(limitFor("--allow-read=/srv/in"), "--fsize=0");
});

Deno.test("spawnVector() keeps the network for a grant with net, and hands over its flags", () => {
  const args = commandLine(HOST, NET, 1, true);
  assert.ok(!args.includes("-cn"));
  assert.deepEqual(args.slice(-2), ["--allow-net=192.0.2.1:631", "--deny-net=127.0.0.0/8"]);
});

Deno.test("spawnVector() changes the user when the agent is root", () => {
  const args = commandLine({ ...HOST, cellUid: 65534 }, GRANT, 1, true);
  assert.deepEqual(args.slice(1, 4), ["--reuid=65534", "--regid=65534", "--clear-groups"]);
});

Deno.test("spawnVector() sets no processor limit from birth for a cell of many runs", () => {
  assert.ok(!commandLine(HOST, GRANT, 1, false).some((arg) => arg.startsWith("--cpu")));
});

const VIEWED: Host = {
  ...HOST,
  level: 2,
  view: { bwrap: "/bin/bwrap", libraries: ["/lib/libc.so.6"] },
};
const withRights = (...allow: string[]) => ({ ...GRANT, rights: { ...NO_RIGHTS, allow } });

Deno.test("spawnVector() shows a cell of level 2 the binary, its libraries and nothing else", () => {
  const args = commandLine(VIEWED, GRANT, 1_000_000_000, true);
  assert.ok(!args.includes("--pdeathsig=KILL") && !args.includes("/bin/unshare"));
  const from = args.indexOf("/bin/bwrap");
  assert.equal(args[from - 1], "--cpu=4:4");
  assert.deepEqual(args.slice(from, args.indexOf("run") + 1), [
    "/bin/bwrap",
    "--unshare-user",
    "--disable-userns",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--unshare-cgroup-try",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--unshare-net",
    ...["--ro-bind", "/opt/deno", "/writ/deno"],
    ...["--ro-bind", "/lib/libc.so.6", "/lib/libc.so.6"],
    ...["--dev-bind", "/dev/null", "/dev/null"],
    ...["--proc", "/proc"],
    ...["--remount-ro", "/"],
    ...["--chdir", "/"],
    "--",
    "/writ/deno",
    "run",
  ]);
});

Deno.test("spawnVector() adds the granted paths at level 2, outer ones first", () => {
  const grant = withRights("--allow-read=/srv/in/a,/srv", "--allow-write=/srv/out");
  const args = commandLine(VIEWED, grant, 1, true);
  const from = args.indexOf("--ro-bind-try");
  assert.deepEqual(args.slice(from, args.indexOf("--proc")), [
    ...["--ro-bind-try", "/srv", "/srv"],
    ...["--ro-bind-try", "/srv/in/a", "/srv/in/a"],
    ...["--bind-try", "/srv/out", "/srv/out"],
  ]);
});

Deno.test("spawnVector() adds what a lookup reads, and no more, for a net grant at level 2", () => {
  const args = commandLine(VIEWED, NET, 1, true);
  assert.ok(!args.includes("--unshare-net"));
  assert.ok(args.includes("/etc/resolv.conf"));
  assert.ok(!commandLine(VIEWED, GRANT, 1, true).some((arg) => arg.startsWith("/etc")));
});

Deno.test("spawnVector() shows the whole machine at level 2 only to rights that name it", () => {
  const whole = (...allow: string[]) =>
    commandLine(VIEWED, withRights(...allow), 1, true).join(" ").match(/--(?:ro|dev)-bind \/ \//)
      ?.[0];
  assert.equal(whole("--allow-read"), "--ro-bind / /");
  for (const flag of ["--allow-write", "--allow-run=/bin/ls", "--allow-ffi"]) {
    assert.equal(whole(flag), "--dev-bind / /", flag);
  }
  for (const flag of ["--allow-all", "--allow-read=/srv", "--allow-env", "--allow-net"]) {
    assert.equal(whole(flag), undefined, flag);
  }
});

Deno.test("spawnVector() starts Deno alone at level 0", () => {
  const args = commandLine({ deno: "/opt/deno", level: 0, missing: [] }, GRANT, 0, true);
  assert.deepEqual(args.slice(0, 2), ["/opt/deno", "run"]);
});

Deno.test("spawnVector() has one key for equal grants and another for every difference", () => {
  const key = (...args: Parameters<typeof spawnVector>) => spawnVector(...args).key;
  const same = key(HOST, GRANT, 1, true);
  assert.equal(key(HOST, { ...GRANT, limits: { ...DEFAULT_LIMITS } }, 1, true), same);
  const others = [
    key(HOST, NET, 1, true),
    key(HOST, GRANT, 2, true),
    key(HOST, GRANT, 1, false),
    key(HOST, { ...GRANT, limits: { ...DEFAULT_LIMITS, memoryBytes: 65_000_000 } }, 1, true),
    key(HOST, { ...GRANT, rights: { ...NO_RIGHTS, worker: { net: [] } } }, 1, true),
  ];
  assert.equal(new Set([same, ...others]).size, 6);
});
