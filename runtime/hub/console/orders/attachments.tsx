import * as v from "valibot";
import { digestOf } from "../../../core/digest.ts";
import { type Attachment, attachmentSchema } from "../../../core/documents/order.ts";
import { HubError } from "../../errors.ts";
import type { ConsoleParts } from "../console_parts.ts";
import type { Form } from "../environment.ts";
import { Field } from "../parts/form.tsx";
import { visible } from "../parts/visible.ts";
import { count } from "../parts/words.ts";

/** What a form calls a document that was uploaded with it before. */
const KEPT = "attached";

/**
 * The documents of a form. New ones are stored at once by their hash, so that a form that is shown
 * again need not bring them again.
 *
 * @throws {HubError} bad_request – what the form says of earlier ones is not as the page wrote it
 */
export async function attachmentsOf(
  form: Form,
  tenant: string,
  content: ConsoleParts["content"],
): Promise<Attachment[]> {
  const byName = new Map(form.all(KEPT).map(keptFrom).map((kept) => [kept.name, kept]));
  for (const file of form.files) {
    const bytes = await file.bytes();
    const sha256 = digestOf(bytes);
    await content.put(tenant, sha256, ReadableStream.from([bytes]));
    const name = file.name.slice(0, 255);
    const mediaType = file.type.slice(0, 255);
    const { length } = bytes;
    byName.set(name, { name, sha256, length, ...(mediaType !== "" && { mediaType }) });
  }
  return [...byName.values()];
}

function keptFrom(text: string): Attachment {
  const read = v.safeParse(v.pipe(v.string(), v.parseJson(), attachmentSchema), text);
  if (read.success) return read.output;
  throw new HubError("bad_request", "Cannot read which documents were attached before");
}

/** The fields for documents, with those that are there already. */
export function AttachmentFieldset({ attached }: { attached: readonly Attachment[] }) {
  return (
    <fieldset>
      <legend>Documents</legend>
      {attached.map((one) => (
        <label class="check">
          <input type="checkbox" name={KEPT} value={JSON.stringify(one)} checked />
          <bdi>{visible(one.name)}</bdi>, {count(one.length)} bytes
        </label>
      ))}
      <Field label="Attach" hint="The script reads each by its name; together at most 64 MiB">
        <input type="file" name="files" multiple />
      </Field>
    </fieldset>
  );
}
