import { BROWSER_PAGES, type BrowserSettings } from "../../core/documents/browser.ts";
import { channelRules, type ChannelSettings } from "../../core/documents/channel.ts";
import {
  type Ceiling,
  DEFAULT_QUOTAS,
  type Grant,
  type Permissions,
} from "../../core/documents/grant.ts";
import { KEPT_GENERATIONS, type ScannerSettings } from "../../core/documents/scanner.ts";
import { serveSettings } from "../../core/documents/serve.ts";
import { parseNetAddress } from "../net/address.ts";
import { formatSize, formatTime } from "../units.ts";

/** One thing a script can do, as the policy says it and in words. */
export interface ExplainedRule {
  /** The key in the grant file: `net`, `read`, `unsafe` … */
  readonly rule: string;
  readonly value: string;
  readonly words: string;
  readonly unsafe: boolean;
}

/** What permissions allow, entry by entry, in words. */
export function permissionRules(permissions: Permissions): ExplainedRule[] {
  const safe = (rule: string, value: string, words: string): ExplainedRule => ({
    rule,
    value,
    words,
    unsafe: false,
  });
  return [
    ...(permissions.net ?? []).map(({ address, internal }) =>
      safe("net", address, netWords(address, internal))
    ),
    ...(permissions.read ?? []).map((path) =>
      safe("read", path, `can read ${path} and everything below`)
    ),
    ...(permissions.write ?? []).map((path) =>
      safe("write", path, `can write, create and delete ${path} and everything below`)
    ),
    ...(permissions.env ?? []).map((name) =>
      safe("env", name, `can see the environment variable ${name}`)
    ),
    ...(permissions.sys ?? []).map((name) =>
      safe("sys", name, `can ask the system for ${SYS_WORDS[name] ?? name}`)
    ),
    ...(permissions.unsafe ?? []).map(({ permission, value, reason }) => ({
      rule: "unsafe",
      value: value === "" ? permission : `${permission} ${value}`,
      words: `${UNSAFE_WORDS[permission](value)} (reason: ${reason})`,
      unsafe: true,
    })),
  ];
}

function netWords(address: string, internal: boolean): string {
  const parsed = parseNetAddress(address);
  if (!("ok" in parsed)) return `can talk to ${address}`;
  const { host, port, ip } = parsed.ok;
  const where = ip
    ? ""
    : internal
    ? ", wherever the name leads inside this network"
    : ", as long as the name leads outside this network";
  return `can talk to ${host} port ${port}${where}; can also listen there`;
}

type Capabilities = NonNullable<Grant["capabilities"] | Ceiling["capabilities"]>;
type Settings = NonNullable<Capabilities[keyof Capabilities]>;

/** What services of the agent are lent. */
export function capabilityRules(
  capabilities: Grant["capabilities"] | Ceiling["capabilities"],
): ExplainedRule[] {
  return Object.entries(capabilities ?? {}).map(([name, settings = {}]) => ({
    rule: "capability",
    value: name,
    words: `is lent ${CAPABILITY_WORDS[name] ?? name}${boundWords(name, settings)}`,
    unsafe: false,
  }));
}

function boundWords(name: string, settings: Settings): string {
  if (name === "scanner") return scannerWords(settings as ScannerSettings);
  if (name === "channel") return channelWords(settings as ChannelSettings);
  if (name === "browser") return browserWords(settings as Partial<BrowserSettings>);
  const { quotaBytes } = settings as { quotaBytes?: number };
  const quotas: Record<string, number> = DEFAULT_QUOTAS;
  const most = quotaBytes ?? (Object.hasOwn(quotas, name) ? quotas[name] : undefined);
  return most === undefined ? "" : `, at most ${formatSize(most)}`;
}

function scannerWords({ folder, clamd, keep, canaries, untested }: ScannerSettings): string {
  const where = folder === undefined ? "in the agent's own folder" : `in ${folder}`;
  const told = clamd === undefined ? "" : `, which clamd at ${clamd} is told of`;
  const own = canaries === undefined ? "" : `, tested with the files of ${canaries}, too`;
  const tests = untested ? "; where no ClamAV is installed, nothing tests them" : "";
  return `: ${
    keep ?? KEPT_GENERATIONS.DEFAULT
  } generations of databases ${where}${told}${own}${tests}`;
}

function channelWords(settings: ChannelSettings): string {
  const { names, peers } = settings;
  const { rateBytes, messageBytes, queueBytes, members } = channelRules(settings);
  const which = names === undefined ? "of any name" : `named ${names.join(", ")}`;
  const where = peers === undefined ? "" : ` labelled ${peers.join(" or ")}`;
  return `, ${which}, with at most ${members} other agents${where} at once: ` +
    `${formatSize(rateBytes)} a second each way, ${formatSize(messageBytes)} a message, ` +
    `${formatSize(queueBytes)} waiting`;
}

/** A ceiling says of it only that it may be lent. */
function browserWords(settings: Partial<BrowserSettings>): string {
  if (settings.urls === undefined) return "";
  const { urls, deny = [], mask = [], hide = [], pages, attach, window } = settings;
  const whose = attach !== undefined
    ? `, one that listens at ${attach} and that its own user may have signed in anywhere with`
    : window !== undefined
    ? `, the agent's own on display ${window}`
    : ", the agent's own without a window";
  const sites = urls.map(({ origin, internal }) =>
    internal ? `${origin} (also inside this network)` : origin
  );
  const never = deny.length === 0 ? "" : `, never ${deny.join(", ")}`;
  const unseen = [...mask, ...hide];
  const masked = unseen.length === 0 ? "" : `, what matches ${unseen.join(" or ")}`;
  return `${whose}: at most ${pages ?? BROWSER_PAGES.DEFAULT} pages of ${
    sites.join(", ")
  }${never}; ` +
    `passwords, card numbers, one-time codes${masked} stay unseen`;
}

/** Who reaches the script's own endpoint. */
export function serveRules(serve: Grant["serve"]): ExplainedRule[] {
  const { allow, alias, bodyBytes, idleMs, wallMs, requests } = serveSettings(serve);
  if (allow.length === 0) return [];
  const rule = (value: string, words: string) => ({ rule: "serve", value, words, unsafe: false });
  return [
    ...allow.map((callers) => rule(callers, `answers requests from ${SERVE_WORDS[callers]}`)),
    ...(alias === undefined ? [] : [rule(alias, `is reached at ${alias} as well`)]),
    ...(Array.isArray(serve) ? [] : [rule(
      "bounds",
      `takes ${requests} requests at once, each at most ${formatSize(bodyBytes)}, ` +
        `${formatTime(idleMs)} idle and ${formatTime(wallMs)} in all`,
    )]),
  ];
}

const SYS_WORDS: Record<string, string> = {
  hostname: "the host's name",
  osRelease: "the system's release",
  osUptime: "how long the system is up",
  loadavg: "the system's load",
  systemMemoryInfo: "the system's memory",
  cpus: "the system's processors",
};

const CAPABILITY_WORDS: Record<string, string> = {
  dir: "a private scratch directory",
  store: "a private key-value store",
  blobs: "stored documents",
  peers: "calls to the same script on other agents",
  channel: "message channels between its instances",
  browser: "the browser",
  scanner: "the virus scanner",
  hub: "facts and events that the hub is told of this machine",
};

const SERVE_WORDS = {
  loopback: "this machine",
  peers: "other agents of the fleet",
  public: "anybody who can reach this machine",
};

const UNSAFE_WORDS:
  & Record<string, (value: string) => string>
  & {
    readonly [K in NonNullable<Grant["permissions"]["unsafe"]>[number]["permission"]]: (
      value: string,
    ) => string;
  } = {
    run: (v) => v ? `can start ${v}, which nothing bounds` : "can start any program",
    ffi: (v) => v ? `can load native code from ${v}` : "can load any native code",
    read: (v) => v ? `can read ${v}` : "can read every file",
    write: (v) => v ? `can write ${v}` : "can write every file",
    net: (v) => v ? `can talk to ${v}, internal addresses included` : "can talk to anything",
    env: (v) => v ? `can see ${v} of the environment` : "can see the whole environment",
    sys: (v) => v ? `can ask the system for ${v}` : "can ask the system for anything",
  };
