// Seals what it is given, as a tablet does: a JSON list of {header, payload, public, author} on standard input,
// base64 envelopes, one a line, on standard output. `public` is base64, `author` a JWK.

import { FIRST, seal } from "../../static/visitor/envelope.js";

const P256 = { name: "ECDSA", namedCurve: "P-256" };
let input = "";
for await (const part of process.stdin) input += part;

for (const { header, payload, public: publicKey, author } of JSON.parse(input)) {
  const key = await crypto.subtle.importKey("jwk", author, P256, false, ["sign"]);
  const bytes = await seal({ previous: FIRST, ...header }, payload, new Uint8Array(Buffer.from(publicKey, "base64")), key);
  console.log(Buffer.from(bytes).toString("base64"));
}
