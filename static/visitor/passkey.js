// A passkey of this tablet, asked for its PRF: the same secret each time, given out only after finger, face or the
// tablet's own code. Nothing is sent to a server.

const utf8 = new TextEncoder();
const ALGORITHMS = [-7, -257]; // ES256, RS256; the signature itself is not used

/** What the authenticator derives the secret from: other for each vault. */
const saltOf = async (vault) => new Uint8Array(await crypto.subtle.digest("SHA-256", utf8.encode(`screening prf 1\n${vault}`)));

/** Can this tablet make one? */
export async function possible() {
  return Boolean(await globalThis.PublicKeyCredential?.isUserVerifyingPlatformAuthenticatorAvailable?.());
}

/** A new passkey for a vault, {credential, secret}, or null when she declines or the tablet has no PRF. */
export async function make(vault, initials) {
  try {
    const first = await saltOf(vault);
    const made = await navigator.credentials.create({
      publicKey: {
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        rp: { name: "Besøg" },
        user: { id: utf8.encode(vault), name: initials, displayName: initials },
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { authenticatorAttachment: "platform", residentKey: "preferred", userVerification: "required" },
        extensions: { prf: { eval: { first } } },
      },
    });
    const { prf } = made.getClientExtensionResults();
    if (!prf?.enabled) return null;
    const credential = new Uint8Array(made.rawId);
    return { credential, secret: prf.results?.first ? new Uint8Array(prf.results.first) : await secret(vault, credential) };
  } catch (error) {
    if (error instanceof DOMException || error.name === "NoPasskey") return null; // the passphrase is there
    throw error;
  }
}

/** The secret of a vault's passkey, 32 bytes. Throws an error named NoPasskey, or a DOMException when she declines. */
export async function secret(vault, credential) {
  const found = await navigator.credentials.get({
    publicKey: {
      challenge: crypto.getRandomValues(new Uint8Array(32)),
      allowCredentials: [{ type: "public-key", id: credential }],
      userVerification: "required",
      extensions: { prf: { eval: { first: await saltOf(vault) } } },
    },
  });
  const first = found?.getClientExtensionResults().prf?.results?.first;
  if (!first) throw Object.assign(new Error("the passkey gave no secret"), { name: "NoPasskey" });
  return new Uint8Array(first);
}
