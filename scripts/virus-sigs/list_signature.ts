/** What an admin signs of a plain list: these bytes, by `openssl pkeyutl -sign -rawin`. */
export function listStatement(name: string, version: number, sha256: string): string {
  return `writ-list 1\n${name}\n${version}\n${sha256}\n`;
}

/**
 * Whether one of the keys signed this list, under this name and version.
 *
 * @param keys Each `ed25519:` and its 32 bytes in base64url, as policies write them.
 * @param signature Base64.
 */
export async function isSignedList(
  list: { name: string; version: number; sha256: string; signature?: string },
  keys: readonly string[],
): Promise<boolean> {
  const { name, version, sha256, signature } = list;
  const given = signature === undefined ? undefined : bytesOf(signature);
  if (given?.length !== 64) return false;
  const said = new TextEncoder().encode(listStatement(name, version, sha256));
  for (const key of keys) {
    const raw = bytesOf(key.replace(/^ed25519:/, "").replaceAll("-", "+").replaceAll("_", "/"));
    if (raw?.length !== 32) continue;
    const imported = await crypto.subtle.importKey("raw", raw, "Ed25519", false, ["verify"]);
    if (await crypto.subtle.verify("Ed25519", imported, given, said)) return true;
  }
  return false;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(base64.trim()), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
