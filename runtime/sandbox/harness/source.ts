import { FROM_CELL, HEADER_BYTES, TAG_BYTES, TO_CELL } from "../frame.ts";
import harness from "./harness.js" with { type: "text" };
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
import workerBoot from "./worker_boot.js" with { type: "text" };

const PREFIX = "data:text/javascript,";
// All of it is decoded and parsed as each cell starts: what is not needed costs a millisecond.
const WORKER_URL = PREFIX + escaped(shrink(workerBoot));
const HEAD = escaped(constants({ WORKER_URL, TAG_BYTES, HEADER_BYTES, TO_CELL, FROM_CELL }));
const TAIL = escaped(shrink(harness));

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

/** Without indentation and lines of comment. */
function shrink(source: string): string {
  return source.replace(/^ +/gm, "").replace(/^\/\/.*\n/gm, "");
}

/** Only what a URL's parser would read as something else. */
function escaped(source: string): string {
  return source.replace(/[%#\n]/g, encodeURIComponent);
}
