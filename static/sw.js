// The service worker: keeps the whole app under one release, and starts it without a connection.
//
// The server puts a line before this file: self.visit = {release, shell: [[address, digest?], …], pack: [address, digest]}.
// What has no digest travels in one piece with others, the pack. The browser checks each digest, so a file of another
// release, a cut-off one or a login page is never kept. Nothing but the shell is: no family, no answer to a question,
// no page of the lead's. IndexedDB is not touched here.

const { release, shell, pack } = self.visit;
const CACHE = `visit ${release}`;
const PAGE = "/visit";
const PATIENCE = 4000; // for the server to say where "/" leads, before the app opens anyway

const kept = new Set(shell.map(([address]) => address));
const ask = ([address, integrity]) => new Request(address, { integrity, cache: "no-cache", credentials: "omit", redirect: "error" });

// All or nothing. It then waits until the page says that no visit is open.
self.addEventListener("install", (event) => event.waitUntil(keep(shell)));

self.addEventListener("message", (event) => {
  if (event.data === "activate") self.skipWaiting();
  if (event.data === "mend") event.waitUntil(mend().catch(() => {})); // no connection, or a newer release is on its way
});

self.addEventListener("activate", (event) => event.waitUntil(tidy().then(() => self.clients.claim())));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== location.origin) return;
  if (request.mode === "navigate") {
    if (pathname === "/") event.respondWith(home(request));
    else if (pathname === PAGE || pathname.startsWith(`${PAGE}/`)) event.respondWith(fromShell(PAGE));
  } else if (kept.has(pathname)) event.respondWith(fromShell(pathname));
});

async function keep(entries) {
  const cache = await caches.open(CACHE);
  const wanted = new Set(entries.map(([address]) => address));
  const together = (await unpacked()).filter(([address]) => wanted.has(address));
  await cache.addAll(entries.filter(([, digest]) => digest).map(ask)); // one that is not ours, and nothing is kept
  await Promise.all(together.map(([address, answer]) => cache.put(address, answer)));
}

// The pack's first line says what follows it: [[address, content type, length], …]. Each becomes an answer as the server
// would have given it by itself: with the pack's headers, among them what protects the page.
async function unpacked() {
  const answer = await fetch(ask(pack));
  const text = await answer.text();
  let at = text.indexOf("\n") + 1;
  return JSON.parse(text.slice(0, at)).map(([address, type, length]) => {
    const headers = new Headers(answer.headers);
    for (const name of ["content-encoding", "content-length", "etag"]) headers.delete(name);
    headers.set("content-type", type);
    at += length;
    return [address, new Response(text.slice(at - length, at), { headers })];
  });
}

// What the browser has dropped is fetched again.
async function mend() {
  const cache = await caches.open(CACHE);
  const there = new Set((await cache.keys()).map(({ url }) => new URL(url).pathname));
  await keep(shell.filter(([address]) => !there.has(address)));
}

// Earlier releases go, once this one is in use.
async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("visit ") && name !== CACHE).map((name) => caches.delete(name)));
}

async function fromShell(address) {
  const cache = await caches.open(CACHE);
  return (await cache.match(address)) ?? fetch(address, { cache: "no-cache" });
}

// With a connection the server leads everybody home; without one it is the visitor who opens her tablet.
async function home(request) {
  try {
    const late = new Promise((_, reject) => setTimeout(reject, PATIENCE, new Error("late")));
    return await Promise.race([fetch(request), late]);
  } catch {
    return fromShell(PAGE);
  }
}
