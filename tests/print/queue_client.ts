import { decodeIpp } from "../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../scripts/print/ipp/encode.ts";
import { GROUP, type IppMessage, OPERATION, TAG } from "../../scripts/print/ipp/message.ts";
import {
  attributesFrom,
  attributesOf,
  numberOf,
  type Row,
} from "../../scripts/print/ipp/values.ts";

/** One request, as bytes. */
export function ippRequest(
  operation: number,
  rows: readonly Row[] = [],
  options: {
    readonly job?: readonly Row[];
    readonly uri?: string;
    readonly user?: string;
    readonly version?: number;
    readonly requestId?: number;
  } = {},
): Uint8Array<ArrayBuffer> {
  const { job, uri = "ipp://localhost/ipp/print", user = "ada" } = options;
  const operationGroup = attributesFrom([
    ["attributes-charset", TAG.charset, "utf-8"],
    ["attributes-natural-language", TAG.language, "en"],
    ["printer-uri", TAG.uri, uri],
    ["requesting-user-name", TAG.name, user],
    ...rows,
  ]);
  return encodeIpp({
    version: options.version ?? 0x0200,
    code: operation,
    requestId: options.requestId ?? 7,
    groups: [
      { tag: GROUP.operation, attributes: operationGroup },
      ...job ? [{ tag: GROUP.job, attributes: attributesFrom(job) }] : [],
    ],
  });
}

/** Sends bytes to a queue. */
export async function post(url: string, ...parts: BlobPart[]): Promise<IppMessage> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/ipp" },
    body: new Blob(parts),
  });
  return decodeIpp(await response.bytes()).message;
}

/** Asks a queue for one operation. */
export async function askQueue(
  url: string,
  operation: number,
  rows: readonly Row[] = [],
  options: Parameters<typeof ippRequest>[2] & { readonly document?: string } = {},
): Promise<IppMessage> {
  return await post(url, ippRequest(operation, rows, options), options.document ?? "");
}

/** Prints a text; answers the id of its job. */
export async function printText(url: string, document: string, user = "ada"): Promise<number> {
  const said = await askQueue(url, OPERATION.printJob, [
    ["job-name", TAG.name, document],
    ["document-format", TAG.mime, "text/plain"],
  ], { document, user });
  const id = numberOf(attributesOf(said, GROUP.job), "job-id");
  if (id === undefined) throw new Error(`status 0x${said.code.toString(16)}`);
  return id;
}
