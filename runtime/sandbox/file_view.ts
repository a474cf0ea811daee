/** What a cell of level 2 is shown of the file system, apart from its grant. */
export interface FileView {
  /** Absolute path of bubblewrap. */
  readonly bwrap: string;
  /** Shared libraries of the Deno binary, and their loader. */
  readonly libraries: readonly string[];
}

/** Where a cell finds its binary: the real path would tell of the machine. */
const DENO_IN_VIEW = "/writ/deno";
/** What glibc reads to look a name up. */
const NAME_SERVICE = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/host.conf"];
/** Loaded by glibc for a lookup; part of libc itself since 2.34. */
const NAME_LIBRARIES = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"];

const NAMESPACES = [
  "--unshare-user",
  // A hole in a further user namespace is of no use to who may make none.
  "--disable-userns",
  "--unshare-pid",
  "--unshare-ipc",
  "--unshare-uts",
  "--unshare-cgroup-try",
  "--die-with-parent",
  "--new-session",
  "--cap-drop",
  "ALL",
];

/**
 * The last links in front of a cell: bubblewrap with a file system of the binary, its libraries and
 * the granted paths, and the binary itself. All else does not exist there, so a hole in Deno's own
 * checks finds nothing. `unsafe` rights without a path, and those to run programs or native code,
 * name the whole machine, and get it.
 *
 * @param deno The binary's path outside.
 * @param allow The cell's `--allow-*` flags.
 */
export function viewLinks(view: FileView, deno: string, allow: readonly string[]): string[] {
  const network = allow.some((flag) => flag.startsWith("--allow-net"));
  const read = grantedPaths(allow, "read");
  const write = grantedPaths(allow, "write");
  const programs = allow.some((flag) => /^--allow-(?:run|ffi)\b/.test(flag));
  const base = programs || write === "all"
    ? ["--dev-bind", "/", "/"]
    : read === "all"
    ? ["--ro-bind", "/", "/", "--dev-bind", "/dev/null", "/dev/null"]
    : undefined;
  return [
    view.bwrap,
    ...NAMESPACES,
    ...(network ? [] : ["--unshare-net"]),
    ...(base ?? machinery(view, deno, network)),
    ...pathLinks(read, write),
    "--proc",
    "/proc",
    ...(base ? [] : ["--remount-ro", "/"]),
    "--chdir",
    "/",
    "--",
    base ? deno : DENO_IN_VIEW,
  ];
}

function machinery({ libraries }: FileView, deno: string, network: boolean): string[] {
  const readable = (path: string) => ["--ro-bind", path, path];
  const libc = libraries.find((path) => /\/libc\.so/.test(path)) ?? "/lib/libc.so.6";
  const folder = libc.slice(0, libc.lastIndexOf("/"));
  const names = [...NAME_SERVICE, ...NAME_LIBRARIES.map((name) => `${folder}/${name}`)];
  return [
    "--ro-bind",
    deno,
    DENO_IN_VIEW,
    ...libraries.flatMap(readable),
    "--dev-bind",
    "/dev/null",
    "/dev/null",
    ...(network ? names.flatMap((path) => ["--ro-bind-try", path, path]) : []),
  ];
}

/** Parents come before what lies in them, which would else be hidden. */
function pathLinks(read: readonly string[] | "all", write: readonly string[] | "all"): string[] {
  const writable = new Set(write === "all" ? [] : write);
  const paths = new Set([...(read === "all" ? [] : read), ...writable]);
  return [...paths].sort().flatMap((path) => [
    writable.has(path) ? "--bind-try" : "--ro-bind-try",
    path,
    path,
  ]);
}

function grantedPaths(allow: readonly string[], kind: "read" | "write"): readonly string[] | "all" {
  const flag = `--allow-${kind}`;
  if (allow.includes(flag)) return "all";
  const paths = allow.filter((text) => text.startsWith(`${flag}=`))
    .flatMap((text) => text.slice(flag.length + 1).split(","));
  return paths;
}

/** The paths in what `ldd` prints, in its order. */
export function librariesOf(printed: string): string[] {
  const paths = printed.split("\n").map((line) => /(?:=> |^\s+)(\/\S+) \(0x/.exec(line)?.[1]);
  return paths.filter((path) => path !== undefined);
}
