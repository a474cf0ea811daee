import type { AttachmentSource } from "../sandbox/mod.ts";
import { readAt } from "../sandbox/read_at.ts";

/** A local file lent to a script, open until it is disposed of. */
export interface AttachmentFile extends AttachmentSource, Disposable {}

/** Media types by extension, for what people attach most; an order can say any other. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  json: "application/json",
  txt: "text/plain",
  csv: "text/csv",
  html: "text/html",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  png: "image/png",
  pwg: "image/pwg-raster",
  zip: "application/zip",
};

/** The media type of a document by its name, `application/octet-stream` when it tells nothing. */
export function documentTypeOf(name: string): string {
  const extension = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  return Object.hasOwn(MEDIA_TYPES, extension)
    ? MEDIA_TYPES[extension]!
    : "application/octet-stream";
}

/**
 * Opens a file as an attachment; it is read piece by piece, as the script asks.
 *
 * @param path The last segment becomes the attachment's name.
 * @throws {Deno.errors.NotFound} and what else the system says; IsADirectory – for a folder
 */
export function openAttachment(path: string): AttachmentFile {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const file = Deno.openSync(path);
  const { size, isDirectory } = file.statSync();
  if (isDirectory) {
    file.close();
    throw new Deno.errors.IsADirectory(`Cannot attach "${path}" as it is a folder`);
  }
  return {
    name,
    length: size,
    mediaType: documentTypeOf(name),
    read: (offset, length) => Promise.resolve(readAt(file, offset, length)),
    [Symbol.dispose]() {
      file.close();
    },
  };
}
