import assert from "node:assert/strict";
import fc from "fast-check";
import { IppPrinter } from "../../../runtime/cli/demo/ipp_printer.ts";
import { decodeIpp } from "../../../scripts/print/ipp/decode.ts";
import { encodeIpp } from "../../../scripts/print/ipp/encode.ts";
import { GROUP, IppSyntaxError, OPERATION, TAG } from "../../../scripts/print/ipp/message.ts";
import { attributesFrom } from "../../../scripts/print/ipp/values.ts";
import { FakeAgent } from "../../print/fake_agent.ts";
import { allowing } from "../allowed.ts";
import { mutatedBytes } from "../mutate.ts";
import { probe, type Target } from "../target.ts";

const URI = "ipp://127.0.0.1/ipp/print";

/** One good request of each operation. */
function requests(): Uint8Array[] {
  return Object.values(OPERATION).map((code) =>
    encodeIpp({
      version: 0x0200,
      code,
      requestId: 1,
      groups: [
        {
          tag: GROUP.operation,
          attributes: attributesFrom([
            ["attributes-charset", TAG.charset, "utf-8"],
            ["attributes-natural-language", TAG.language, "en"],
            ["printer-uri", TAG.uri, URI],
            ["job-id", TAG.integer, 1],
            ["job-name", TAG.name, "letter"],
            ["requesting-user-name", TAG.name, "ada"],
            ["document-format", TAG.mime, "text/plain"],
            ["requested-attributes", TAG.keyword, "all"],
            ["limit", TAG.integer, 3],
          ]),
        },
        {
          tag: GROUP.job,
          attributes: attributesFrom([
            ["copies", TAG.integer, 2],
            ["sides", TAG.keyword, "one-sided"],
            ["media", TAG.keyword, "iso_a4_210x297mm"],
          ]),
        },
      ],
    })
  );
}

const WORDS = [
  ...Object.values(TAG).map((tag) => Uint8Array.of(tag)),
  ...[0, 1, 2, 3, 4, 5, 15].map((tag) => Uint8Array.of(tag)),
  Uint8Array.of(0, 0),
  Uint8Array.of(255, 255),
  Uint8Array.of(0x7f, 255, 255, 255),
  Uint8Array.of(0x42, 0, 8),
  ...[
    "job-name",
    "copies",
    "sides",
    "job-id",
    "my-jobs",
    "which-jobs",
    "limit",
    "job-uri",
    "completed",
  ],
];

export const ippCodec: Target = {
  name: "ipp",
  what: "Bytes of IPP messages: a message that is written and read again alike, or IppSyntaxError.",
  open: () =>
    probe(
      fc.oneof(mutatedBytes(requests(), WORDS), fc.uint8Array({ maxLength: 100 })),
      (bytes) => {
        const read = allowing([IppSyntaxError], () => decodeIpp(bytes));
        if (!read) return;
        assert.ok(read.end <= bytes.length);
        const { message } = read;
        assert.deepEqual(decodeIpp(encodeIpp(message)).message, message);
      },
    ),
};

export const ippQueue: Target = {
  name: "queue",
  what: "IPP requests to a print queue: an IPP answer with the request's number, or 400.",
  open: () => {
    // Nothing listens there: what is taken waits.
    const settings = { queues: { office: { printer: "ipp://127.0.0.1:1/ipp/print" } } };
    const agent = new FakeAgent({ settings });
    return probe(
      mutatedBytes(requests(), WORDS),
      async (bytes) => {
        const answer = await fetch(agent.url, {
          method: "POST",
          headers: { "content-type": "application/ipp" },
          body: new Uint8Array(bytes),
        });
        const body = await answer.bytes();
        if (answer.status === 400) return assert.ok(bytes.length < 8);
        assert.equal(answer.status, 200, `status ${answer.status}`);
        const { code, requestId } = decodeIpp(body).message;
        assert.notEqual(code, 0x0500, agent.log.at(-1));
        assert.equal(requestId, new DataView(bytes.buffer, bytes.byteOffset).getInt32(4));
      },
      () => agent[Symbol.asyncDispose](),
    );
  },
};

export const ippPrinter: Target = {
  name: "printer",
  what: "IPP requests to the demo's printer: an IPP answer, or 400. It never fails.",
  open: () => {
    const printer = new IppPrinter({ jobMs: 1 });
    const url = printer.uri.replace("ipp:", "http:");
    return probe(
      mutatedBytes(requests(), WORDS),
      async (bytes) => {
        const answer = await fetch(url, { method: "POST", body: new Uint8Array(bytes) });
        const body = await answer.bytes();
        if (answer.status === 400) return;
        assert.equal(answer.status, 200, `status ${answer.status}`);
        decodeIpp(body);
      },
      () => printer[Symbol.asyncDispose](),
    );
  },
};
