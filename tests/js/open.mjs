// Opens what it is given: a JSON list of {envelope, keys, author} on standard input, base64 but for the keys;
// payloads as JSON, or {"refused": …}, one a line, on standard output.

import { opened, unbase64 } from "./opening.mjs";

let input = "";
for await (const part of process.stdin) input += part;

for (const { envelope, keys, author } of JSON.parse(input)) {
  const line = await opened(unbase64(envelope), keys, unbase64(author)).catch((error) => ({ refused: error.message }));
  console.log(JSON.stringify(line));
}
