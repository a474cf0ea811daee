import type { X509Certificate } from "@peculiar/x509";

/** A certificate and its private key, as PEM. */
export interface CertificatePair {
  readonly cert: string;
  readonly key: string;
}

const DAY_MS = 24 * 3_600_000;
/** How long an agent's own authority is good: it is pinned, so a new one is news to everybody. */
const AUTHORITY_MS = 20 * 365 * DAY_MS;
/** How long a certificate is good. */
export const LEAF_MS = 90 * DAY_MS;
/** For clocks that are behind. */
const BACKDATED_MS = 3_600_000;

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

// The library takes 140 ms and 15 MB to load, and most starts make no certificate.
const load = () => import("@peculiar/x509");

/**
 * Makes an agent's own certificate authority, for nothing but its own TLS certificates.
 *
 * @param name Shown to whoever looks at the certificate.
 * @param now Milliseconds since the epoch.
 */
export async function makeAuthority(name: string, now: number): Promise<CertificatePair> {
  const x509 = await load();
  const keys = await makeKeys();
  const cert = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + AUTHORITY_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return await pairOf(cert, keys);
}

/**
 * Makes a TLS certificate for these names, vouched for by an authority.
 *
 * @param names Host names and addresses, without port or brackets.
 * @param now Milliseconds since the epoch.
 * @param lifetimeMs From then on.
 */
export async function makeLeaf(
  authority: CertificatePair,
  names: readonly string[],
  now: number,
  lifetimeMs = LEAF_MS,
): Promise<CertificatePair> {
  const x509 = await load();
  const keys = await makeKeys();
  const issuer = new x509.X509Certificate(authority.cert);
  const der = x509.PemConverter.decodeFirst(authority.key);
  const signingKey = await crypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
  const cert = await x509.X509CertificateGenerator.create({
    // Another than the issuer's, or OpenSSL, and so curl and freshclam, takes it for self-signed.
    subject: [{ CN: ["Writ agent"] }],
    issuer: issuer.subjectName,
    notBefore: new Date(now - BACKDATED_MS),
    notAfter: new Date(now + lifetimeMs),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isAddress(value) ? "ip" as const : "dns" as const, value })),
      ),
      await x509.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  });
  return await pairOf(cert, keys);
}

/** Whether a name is an address rather than a host name. */
function isAddress(name: string): boolean {
  return name.includes(":") || /^\d{1,3}(\.\d{1,3}){3}$/.test(name);
}

async function makeKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
}

async function pairOf(cert: X509Certificate, { privateKey }: CryptoKeyPair) {
  const { PemConverter } = await load();
  const der = await crypto.subtle.exportKey("pkcs8", privateKey);
  return { cert: cert.toString("pem"), key: PemConverter.encode(der, "PRIVATE KEY") };
}
