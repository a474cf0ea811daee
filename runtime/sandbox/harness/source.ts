import { FROM_CELL, HEADER_BYTES, TAG_BYTES, TO_CELL } from "../frame.ts";
import heartbeat from "./main/heartbeat.js" with { type: "text" };
import main from "./main/mod.js" with { type: "text" };
import send from "./main/send.js" with { type: "text" };
import worker from "./main/worker.js" with { type: "text" };
import blobs from "./parts/blobs.js" with { type: "text" };
import channel from "./parts/channel.js" with { type: "text" };
import browser from "./parts/browser.js" with { type: "text" };
import fetch from "./parts/fetch.js" with { type: "text" };
import hub from "./parts/hub.js" with { type: "text" };
import peers from "./parts/peers.js" with { type: "text" };
import scanner from "./parts/scanner.js" with { type: "text" };
import schedule from "./parts/schedule.js" with { type: "text" };
import socket from "./parts/socket.js" with { type: "text" };
import store from "./parts/store.js" with { type: "text" };
import calls from "./worker/calls.js" with { type: "text" };
import failure from "./worker/failure.js" with { type: "text" };
import workerMain from "./worker/mod.js" with { type: "text" };
import output from "./worker/output.js" with { type: "text" };

const PREFIX = "data:text/javascript,";
// All of it is decoded and parsed as each cell starts: what is not needed costs a millisecond.
const WORKER_URL = PREFIX + escaped(joined([output, failure, calls, workerMain]));
const HEAD = escaped(constants({ WORKER_URL, TAG_BYTES, HEADER_BYTES, TO_CELL, FROM_CELL }));
const TAIL = escaped(joined([send, heartbeat, worker, main]));

/** What is sent into a worker when it is first needed, by name. Stack traces leave it out as Deno's own. */
const PARTS = { blobs, browser, channel, fetch, hub, peers, scanner, schedule, socket, store };
export type PartName = keyof typeof PARTS;

/** Whether a capability of this name has code of its own in the worker. */
export function isPart(name: string): name is PartName {
  return Object.hasOwn(PARTS, name);
}

/** An expression: a function of the worker's tools that gives the part. */
export function partSource(name: PartName): string {
  return `${shrink(PARTS[name]).trimEnd().replace(/;$/, "")}\n//# sourceURL=ext:writ/${name}.js`;
}

/**
 * The cell's main module as a `data:` URL: needs no read permission and no file that the cell's
 * user could reach. Holds nothing secret; a script can read it.
 *
 * @param permissions What the inner worker holds, never wider than the process.
 */
export function harnessUrl(permissions: Deno.PermissionOptions): string {
  return PREFIX + HEAD + escaped(constants({ WORKER_PERMISSIONS: permissions })) + TAIL;
}

function constants(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `const ${name} = ${JSON.stringify(value)};\n`).join("");
}

/** Several modules as one: each stands behind those that it imports. */
function joined(modules: readonly string[]): string {
  return modules
    .map((source) => source.replace(/^import [^;]*;\n/gm, "").replace(/^export /gm, ""))
    .map(shrink)
    .join("");
}

/** Without indentation and lines of comment. */
function shrink(source: string): string {
  return source.replace(/^ +/gm, "").replace(/^\/\/.*\n/gm, "");
}

/** Only what a URL's parser would read as something else. */
function escaped(source: string): string {
  return source.replace(/[%#\n]/g, encodeURIComponent);
}
