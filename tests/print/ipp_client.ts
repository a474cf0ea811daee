import assert from "node:assert/strict";
import { decodeIpp } from "../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../scripts/print/ipp/encode.ts";
import { GROUP, type IppAttributes, TAG } from "../../scripts/print/ipp/message.ts";
import { attributesFrom } from "../../scripts/print/ipp/values.ts";

/** Does something to a job as another client would. Returns what the printer says of it. */
export async function askOfJob(
  printerUri: string,
  operation: number,
  jobId: number,
): Promise<IppAttributes> {
  const attributes = attributesFrom([
    ["attributes-charset", TAG.charset, "utf-8"],
    ["attributes-natural-language", TAG.language, "en"],
    ["printer-uri", TAG.uri, printerUri],
    ["job-id", TAG.integer, jobId],
    ["requesting-user-name", TAG.name, "writ"],
  ]);
  const groups = [{ tag: GROUP.operation, attributes }];
  const response = await fetch(printerUri.replace(/^ipp/, "http"), {
    method: "POST",
    headers: { "content-type": "application/ipp" },
    body: encodeIpp({ version: 0x0200, code: operation, requestId: 1, groups }),
  });
  const { message } = decodeIpp(await response.bytes());
  assert.equal(message.code, 0);
  return message.groups.find(({ tag }) => tag === GROUP.job)?.attributes ?? new Map();
}
