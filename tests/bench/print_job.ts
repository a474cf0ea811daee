import { decodeIpp } from "../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../scripts/print/ipp/encode.ts";
import { GROUP, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import { attributesFrom } from "../../scripts/print/ipp/values.ts";

/** What makes a document known as one. */
export const PDF = new TextEncoder().encode("%PDF-1.7\n");

/** All of a Print-Job request that stands in front of its document. */
export function printJobHead(uri: string): Uint8Array<ArrayBuffer> {
  const attributes = attributesFrom([
    ["attributes-charset", TAG.charset, "utf-8"],
    ["attributes-natural-language", TAG.language, "en"],
    ["printer-uri", TAG.uri, uri],
    ["requesting-user-name", TAG.name, "writ"],
    ["job-name", TAG.name, "bench"],
    ["document-format", TAG.mime, "application/pdf"],
  ]);
  const groups = [{ tag: GROUP.operation, attributes }];
  return encodeIpp({ version: 0x0101, code: OPERATION.printJob, requestId: 1, groups });
}

/**
 * Prints, and waits until the job was taken.
 *
 * @param body The request with its document.
 * @throws {Error} when it is not taken
 */
export async function printJob(uri: string, body: Uint8Array<ArrayBuffer>): Promise<void> {
  const response = await fetch(uri.replace(/^ipp/, "http"), {
    method: "POST",
    headers: { "content-type": "application/ipp" },
    body,
  });
  const bytes = await response.bytes();
  if (!response.ok) throw new Error(`not printed: ${response.status}`);
  const { message } = decodeIpp(bytes);
  if (message.code > 1) throw new Error(`not printed: IPP status ${message.code.toString(16)}`);
}

/**
 * Prints a file that holds the request with its document. By hand, as `fetch` says no length of what
 * it streams, and a client that prints does.
 *
 * @throws {Error} when it is not taken
 */
export async function printFile(uri: string, path: string): Promise<void> {
  const { host, hostname, port, pathname } = new URL(uri.replace(/^ipp/, "http"));
  using connection = await Deno.connect({ hostname, port: Number(port) });
  const { size } = await Deno.stat(path);
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${host}`,
    "Content-Type: application/ipp",
    `Content-Length: ${size}`,
    "Connection: close",
  ];
  await connection.write(new TextEncoder().encode(`${head.join("\r\n")}\r\n\r\n`));
  await (await Deno.open(path)).readable.pipeTo(connection.writable, { preventClose: true });
  const answer = await new Response(connection.readable).text();
  if (!answer.startsWith("HTTP/1.1 200 ")) throw new Error(`not printed: ${answer.slice(0, 200)}`);
}

/** Another document each time, as a queue keeps equal ones once. */
export function requestOf(uri: string, length: number): Uint8Array<ArrayBuffer> {
  const head = printJobHead(uri);
  const request = new Uint8Array(head.length + length);
  request.set(head);
  request.set(PDF, head.length);
  crypto.getRandomValues(request.subarray(request.length - 64));
  return request;
}
