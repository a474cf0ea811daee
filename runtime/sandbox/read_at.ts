/**
 * Bytes of an open file from a position. Synchronous, so that two reads of one file cannot move each
 * other's position.
 *
 * @returns Fewer than `length` where the file ends before.
 */
export function readAt(file: Deno.FsFile, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  file.seekSync(offset, Deno.SeekMode.Start);
  for (let done = 0; done < length;) {
    const count = file.readSync(bytes.subarray(done));
    if (count === null) return bytes.subarray(0, done);
    done += count;
  }
  return bytes;
}
