import { encodeBase64 } from "../../runtime/core/base64.ts";
import { digestOf } from "../../runtime/core/digest.ts";
import type { Signer } from "../../runtime/core/key.ts";
import { listStatement } from "../../scripts/virus-sigs/list_signature.ts";

/**
 * Input and documents of an order that publishes a plain list.
 *
 * @param signed What the signature is for; another text for one that does not fit.
 */
export function signedList(
  admin: Signer,
  name: string,
  version: number,
  text: string,
  signed = text,
) {
  const bytes = new TextEncoder().encode(text);
  const sha256 = digestOf(new TextEncoder().encode(signed));
  const signature = listSignature(admin, name, version, sha256);
  const input = { do: "publish", lists: { [name]: { version, signature } } };
  return [input, [{ name, bytes }]] as const;
}

/** An admin's signature of a list by its digest. */
export function listSignature(admin: Signer, name: string, version: number, sha256: string) {
  return encodeBase64(admin.sign(new TextEncoder().encode(listStatement(name, version, sha256))));
}
