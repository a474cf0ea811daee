/** Where an installed agent keeps its things, without the root they may stand below. */
export interface ServicePlaces {
  /** The program and its own Deno, of one version. */
  readonly program: string;
  /** What its owner types. */
  readonly command: string;
  /** The fleet folder: policy, and what is published here. */
  readonly fleet: string;
  readonly state: string;
  readonly unit: string;
  readonly users: string;
}

/** What a unit is written for. */
export interface UnitOptions {
  readonly places: ServicePlaces;
  readonly user: string;
  /** How long runs under way may go on when the service stops, seconds. */
  readonly graceSeconds: number;
}

/** Longer than an agent needs to store what it interrupted. */
const STOP_MARGIN_SECONDS = 15;
/**
 * Keep an agent small, which idles for months.
 *
 * The space for young objects stays what its busiest second took: 4 MB less idle, 25 MB less after
 * a burst of orders, for about 6 % more processor time an order. V8's own cache of compiled code
 * would be read in whole: 5 MB less, for a start that takes as long.
 */
export const SMALL: readonly string[] = [
  "--v8-flags=--max-semi-space-size=2",
  "--no-code-cache",
];
/** How a supervised agent ends so that it is started again, as another release. `EX_TEMPFAIL`. */
export const BECOME_ANOTHER = 75;

/** The programs that an agent may start to put up the walls of a cell. */
export const TOOLS: readonly string[] = [
  "/usr/bin/setpriv",
  "/usr/bin/bash",
  "/bin/setpriv",
  "/bin/bash",
];

/** Directives that take something from the agent and its cells alike, by what they are for. */
const HARDENING: readonly (readonly [why: string, directives: readonly string[]])[] = [
  ["No privileges, and no way to get any.", [
    "NoNewPrivileges=yes",
    "CapabilityBoundingSet=",
    "AmbientCapabilities=",
    "RestrictSUIDSGID=yes",
  ]],
  ["Of the file system only the state can be written; a grant to write elsewhere needs its path", [
    "# in ReadWritePaths= too. Homes cannot be read at all.",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "RemoveIPC=yes",
    "UMask=0077",
  ]],
  ["The machine itself.", [
    "ProtectClock=yes",
    "ProtectControlGroups=yes",
    "ProtectHostname=yes",
    "ProtectKernelModules=yes",
    "RestrictRealtime=yes",
    "LockPersonality=yes",
    "KeyringMode=private",
  ]],
  ["What the kernel is asked for. @mount is for the file system of a cell.", [
    "SystemCallArchitectures=native",
    "SystemCallFilter=@system-service @mount",
    "SystemCallErrorNumber=EPERM",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK",
  ]],
];

/** What is left out, and what it would cost. Also told by `agent install`. */
export const LEFT_OUT: readonly string[] = [
  "ProtectKernelTunables, ProtectKernelLogs, ProtectProc and ProcSubset cover parts of /proc; no " +
  "cell could then have one of its own, and isolation would fall from level 2 to level 1",
  "RestrictNamespaces and PrivateUsers would keep cells from namespaces, and isolation at level 0",
  "MemoryDenyWriteExecute would end Deno: it compiles as it runs",
];

/**
 * The unit of an installed agent. It holds for the agent and, as they are its children, for its
 * cells, whose own walls stand inside it.
 */
export function unitText({ places, user, graceSeconds }: UnitOptions): string {
  const { program, fleet, state } = places;
  const start = [
    `${program}/launch ${program} ${state}`,
    `-C ${fleet} agent --supervised --state ${state} --grace "${graceSeconds} s"`,
  ];
  return `[Unit]
Description=Writ agent: runs what was signed, accepted and ordered
Wants=network-online.target
After=network-online.target

[Service]
Type=exec
User=${user}
Group=${user}
ExecStart=${start.join(" \\\n  ")}
ExecReload=/bin/kill -HUP $MAINPID
# SIGTERM goes to the agent alone, which gives its runs their time.
KillMode=mixed
TimeoutStopSec=${graceSeconds + STOP_MARGIN_SECONDS}
# It ends with ${BECOME_ANOTHER} to be started as another release.
Restart=on-failure
RestartForceExitStatus=${BECOME_ANOTHER}
SuccessExitStatus=${BECOME_ANOTHER}
RestartSec=1
StateDirectory=${state.replace(/^\/var\/lib\//, "")}
StateDirectoryMode=0700

${HARDENING.map(([why, lines]) => [`# ${why}`, ...lines].join("\n")).join("\n\n")}

# Left out on purpose:
${LEFT_OUT.map((reason) => `# - ${reason}.`).join("\n")}

[Install]
WantedBy=multi-user.target
`;
}

/** The user of the service, for systemd-sysusers. */
export function usersText(user: string, { state }: ServicePlaces): string {
  return `u ${user} - "Writ agent" ${state}\n`;
}
