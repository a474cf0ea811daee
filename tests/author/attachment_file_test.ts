import assert from "node:assert/strict";
import { documentTypeOf, openAttachment } from "../../runtime/author/mod.ts";
import { TemporaryDir } from "../temporary_dir.ts";

Deno.test("openAttachment() reads any part of the file, in any sequence", async () => {
  using dir = new TemporaryDir();
  using file = openAttachment(dir.file("a.txt", "0123456789"));
  assert.deepEqual([file.name, file.length, file.mediaType], ["a.txt", 10, "text/plain"]);
  const text = async (offset: number, length: number) =>
    new TextDecoder().decode(await file.read(offset, length));
  const parts = await Promise.all([text(5, 5), text(0, 2), text(9, 1), text(3, 0)]);
  assert.deepEqual(parts, ["56789", "01", "9", ""]);
});

Deno.test("documentTypeOf() tells what it knows by the name and nothing else", () => {
  assert.equal(documentTypeOf("Letter.PDF"), "application/pdf");
  assert.equal(documentTypeOf("letter"), "application/octet-stream");
  assert.equal(documentTypeOf("x.constructor"), "application/octet-stream");
  assert.equal(documentTypeOf(".pdf.exe"), "application/octet-stream");
});
