// Synchronisation over a line that fails in every way: nothing leaves the outbox without a receipt, nothing is lost,
// nothing is called a success that was not one. Vault, line and clock are small ones in memory.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { createSync } from "../../static/visitor/sync.js";
import { say } from "../../static/visitor/words.js";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SEEDS = Number(process.env.SEEDS ?? 50);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const signature = (kind, nonce, list) => sha256(JSON.stringify(["the server's key", kind, nonce, list]));

/** A clock that the test moves; what is due is waited for. */
class Clock {
  time = 1_800_000_000_000;
  due = null;
  now = () => this.time;

  after = (wait, call) => {
    const mine = { at: this.time + wait, call };
    this.due = mine;
    return () => {
      if (this.due === mine) this.due = null;
    };
  };

  async pass(milliseconds) {
    const until = this.time + milliseconds;
    while (this.due && this.due.at <= until) {
      const { at, call } = this.due;
      this.time = Math.max(this.time, at);
      this.due = null;
      await call();
    }
    this.time = until;
  }
}

/** The vault's part in sending: an outbox in memory, signatures of a kind that only the right server can make. */
class Vault {
  settings = new Map();
  boxes = new Map();
  missing = new Set();
  unreadable = new Set();
  person = null;
  kept = { families: [], cursor: null };
  nonces = 0;
  keeps = 0;

  put(id, content = `visit ${id}`, size = null) {
    const bytes = Buffer.from(content);
    this.boxes.set(id, { id, bytes: new Uint8Array(bytes), sha256: sha256(bytes), state: "waiting", size: size ?? bytes.length, reason: null });
  }

  state = (id) => this.boxes.get(id).state;
  states = () => [...this.boxes.values()].map(({ state }) => state);
  setting = async (name) => this.settings.get(name);
  keepSetting = async (name, value) => void this.settings.set(name, structuredClone(value));
  outbox = async () => [...this.boxes.values()].map(({ bytes, ...rest }) => rest);
  envelopes = async (ids) => {
    if (ids.some((id) => this.unreadable.has(id))) throw new Error("the disk does not give it");
    return ids.map((id) => ({ id, bytes: this.boxes.get(id).bytes })).filter(({ id }) => !this.missing.has(id));
  };
  signed = async () => ({ "X-Tablet": "t", "X-Nonce": `n${(this.nonces += 1)}`, "X-Signature": "s" });
  verified = async (kind, answer, nonce) => answer.signature === signature(kind, nonce, answer.results ?? answer.states);
  unlocked = () => this.person;
  caseload = async () => this.kept;

  record = async (results) => {
    for (const { id, sha256: hash, state, reason, refused = false } of results) {
      const one = this.boxes.get(id);
      assert.equal(one.sha256, hash);
      Object.assign(one, { state, reason, refused });
    }
  };

  keepCaseload = async ({ families, gone, cursor }) => {
    const staying = this.kept.families.filter(({ id }) => !gone.includes(id));
    this.kept = { families: [...staying, ...families], cursor };
    this.keeps += 1;
  };
}

/** The server as the tablet sees it, and the line to it: `faults` is asked before each request. */
class Server {
  rows = new Map();
  ever = new Set();
  requests = [];
  most = Infinity;
  session = { person: "vera", status: 200 };
  families = [];
  gone = [];
  forgets = false;
  refuses = () => null;
  fault = () => null;

  fetch = async (path, options) => {
    const kind = path.replace("/visit/", "").split("?")[0];
    this.requests.push({ kind, path, options });
    const fault = this.fault(kind);
    if (fault?.before) throw fault.before;
    if (fault?.instead) return fault.instead();
    const answer = this[kind](options, path);
    if (fault?.after) throw fault.after;
    return fault?.changed ? fault.changed(answer) : answer;
  };

  receipt(kind, { headers }, list) {
    const field = kind === "outbox" ? "results" : "states";
    return answered(200, { epoch: "e", safe_seq: 0, [field]: list, signature: signature(kind, headers["X-Nonce"], list) });
  }

  outbox(options) {
    if (options.body.length > this.most) return answered(413, "too large", "text/html");
    const { envelopes } = JSON.parse(new TextDecoder().decode(options.body));
    assert.ok(envelopes.length <= 20);
    return this.receipt("outbox", options, envelopes.map((text) => this.take(Buffer.from(text, "base64"))));
  }

  take(bytes) {
    const [id, hash] = [bytes.toString().split(" ")[1], sha256(bytes)];
    const reason = this.refuses(id);
    if (reason) return { id: "-", sha256: hash, result: "refused", reason };
    const known = this.rows.has(hash);
    if (!known) this.rows.set(hash, { id, state: "received", times: 0 });
    this.rows.get(hash).times += known ? 0 : 1;
    this.ever.add(hash);
    return { id, sha256: hash, result: known ? "duplicate" : "received" };
  }

  status(options) {
    const { ids } = JSON.parse(new TextDecoder().decode(options.body));
    const found = [...this.rows].filter(([, { id }]) => ids.includes(id));
    return this.receipt("status", options, found.map(([hash, { id, state, reason }]) => ({ id, sha256: hash, state, ...(reason && { reason }) })));
  }

  caseload(options, path) {
    if (this.session.status !== 200) return answered(this.session.status, { error: "no" });
    const after = new URL(path, "http://localhost").searchParams.get("after");
    const [families, whole] = [this.families.slice(Number(after)), after === null || this.forgets];
    return answered(200, { person: this.session.person, cursor: String(this.families.length), as_of: "now", families, gone: this.gone, whole });
  }

  who({ credentials }) {
    assert.equal(credentials, "omit");
    return answered(200, { signed_in: false, release: "r" });
  }
}

const answered = (status, content, type = "application/json") =>
  new Response(typeof content === "string" ? content : JSON.stringify(content), { status, headers: { "Content-Type": type } });

const gone = new TypeError("Failed to fetch");
const late = new DOMException("too late", "TimeoutError");
const loginPage = () => answered(200, "<html>Velkommen til vores wifi</html>", "text/html");

function a_tablet() {
  const [clock, vault, server] = [new Clock(), new Vault(), new Server()];
  const told = [];
  const sync = createSync({ vault, fetch: server.fetch, clock, told: (detail) => told.push(detail) });
  return { clock, vault, server, told, sync };
}

const many = (vault, count) => Array.from({ length: count }, (_, number) => vault.put(`v${number}`));

test("what waits is sent, and its receipt moves it on", async () => {
  const { vault, server, sync, told } = a_tablet();
  vault.put("a");
  const { sent, offline, error } = await sync.sendNow();
  assert.deepEqual({ sent, offline, error }, { sent: 1, offline: false, error: null });
  assert.equal(vault.state("a"), "received");
  assert.equal(server.rows.size, 1);
  assert.equal(sync.state().waiting, 0);
  assert.ok(told.length);
});

test("a thousand visits go in fifty requests of twenty", async () => {
  const { vault, server, sync } = a_tablet();
  many(vault, 1000);
  const { sent } = await sync.sendNow();
  assert.equal(sent, 1000);
  assert.equal(server.requests.filter(({ kind }) => kind === "outbox").length, 50);
  assert.ok(server.requests.length <= 55);
});

test("a request carries no more than two mebibytes", async () => {
  const { vault, server, sync } = a_tablet();
  for (const id of ["a", "b", "c", "d", "e", "f"]) vault.put(id, `visit ${id} `.padEnd(700_000, "x"));
  await sync.sendNow();
  const sizes = server.requests.filter(({ kind }) => kind === "outbox").map(({ options }) => options.body.length);
  assert.equal(sizes.length, 3);
  assert.ok(Math.max(...sizes) < 3 * 1024 * 1024);
});

// What may come instead of a receipt.
const impostors = {
  "no connection": () => ({ before: gone }),
  "an answer lost on the way back": () => ({ after: gone }),
  "no answer in time": () => ({ after: late }),
  "a Wi-Fi login page": () => ({ instead: loginPage }),
  "a login page that says JSON": () => ({ instead: () => answered(200, "<html>", "application/json") }),
  "half an answer": () => ({ changed: async (answer) => answered(200, (await answer.text()).slice(0, -20)) }),
  "an empty answer": () => ({ instead: () => answered(200, "") }),
  "null": () => ({ instead: () => answered(200, "null") }),
  "no list": () => ({ instead: () => answered(200, { results: "all of them" }) }),
  "no signature": () => ({ changed: async (answer) => answered(200, { ...(await answer.json()), signature: undefined }) }),
  "a stranger's signature": () => ({ changed: async (answer) => answered(200, { ...(await answer.json()), signature: "mine" }) }),
  "an old receipt": () => ({ changed: async (answer) => {
    const { results } = await answer.json();
    return answered(200, { results, signature: signature("outbox", "n0", results) });
  } }),
  "a receipt for something else": () => ({ changed: async (answer) => {
    const { results, ...rest } = await answer.json();
    return answered(200, { ...rest, results: results.map((one) => ({ ...one, result: "duplicate" })) });
  } }),
  ...Object.fromEntries([301, 400, 401, 403, 404, 409, 410, 422, 429, 500, 502, 503].map((status) => [
    `a ${status}`, () => ({ instead: () => answered(status, { error: "no" }) }),
  ])),
  "a gateway's page": () => ({ instead: () => answered(502, "<html>Bad gateway</html>", "text/html") }),
};

for (const [name, fault] of Object.entries(impostors)) {
  test(`${name} lets nothing leave the outbox and is no success (AT-09, AT-15)`, async () => {
    const { vault, server, sync, clock } = a_tablet();
    await sync.start();
    const before = sync.state().lastSync;
    many(vault, 3);
    server.fault = (kind) => (kind === "outbox" ? fault() : null);
    await clock.pass(SECOND);
    const { sent, offline, error } = await sync.sendNow();
    assert.equal(sent, 0);
    assert.deepEqual(vault.states(), ["waiting", "waiting", "waiting"]);
    assert.ok(error && say(error), "said in words");
    const { lastSync, offlineSince, nextTry, waiting } = sync.state();
    assert.equal(lastSync, before);
    assert.equal(Boolean(offlineSince), offline);
    assert.equal(waiting, 3);
    assert.ok(nextTry > clock.now() && nextTry <= clock.now() + 30 * SECOND);
    server.fault = () => null;
    await clock.pass(MINUTE);
    assert.deepEqual(new Set(vault.states()), new Set(["received"]), "and it goes by itself once the fault is over");
    assert.ok([...server.rows.values()].every(({ times }) => times === 1), "kept once");
    assert.deepEqual([sync.state().error, sync.state().offlineSince], [null, null]);
  });
}

test("a receipt moves only what it names by its content", async () => {
  const { vault, server, sync } = a_tablet();
  many(vault, 3);
  server.fault = (kind) => kind === "outbox" && {
    changed: async (answer) => {
      const nonce = server.requests.at(-1).options.headers["X-Nonce"];
      const [first, second] = (await answer.json()).results;
      const results = [first, { ...second, sha256: "0".repeat(64) }, { id: "v2", sha256: "f".repeat(64), result: "received" }];
      return answered(200, { results, signature: signature("outbox", nonce, results) });
    },
  };
  const { sent, error } = await sync.sendNow();
  assert.deepEqual(vault.states(), ["received", "waiting", "waiting"]);
  assert.deepEqual([sent, error], [1, "sync.partly"]);
  assert.equal(sync.state().lastSync, null);
});

test("a network that wants a sign-in of its own is told from one that is gone", async () => {
  const { vault, server, sync } = a_tablet();
  vault.put("a");
  server.fault = () => ({ instead: loginPage });
  assert.deepEqual(await sync.sendNow(), { offline: true, sent: 0, error: "sync.portal" });
  server.fault = () => ({ instead: () => answered(200, { success: true, redirect: "/login" }) });
  assert.equal((await sync.sendNow()).error, "sync.receipt");
  server.fault = () => ({ before: gone });
  assert.equal((await sync.sendNow()).error, "sync.offline");
});

test("one refused visit is set aside with its reason and stops no other (AT-22)", async () => {
  const { vault, server, sync, clock } = a_tablet();
  many(vault, 401);
  server.refuses = (id) => (id === "v200" ? "wrong_signature" : null);
  const { sent, error } = await sync.sendNow();
  assert.deepEqual([sent, error], [400, null]);
  assert.equal(vault.state("v200"), "quarantined");
  assert.equal(vault.boxes.get("v200").reason, "wrong_signature");
  assert.equal(vault.boxes.get("v200").refused, true, "nobody keeps it but this tablet");
  const requests = server.requests.length;
  await clock.pass(5 * MINUTE);
  assert.ok(server.requests.slice(requests).every(({ kind }) => kind !== "outbox"), "it is not sent again by itself");
  server.refuses = () => null;
  await sync.sendNow();
  assert.equal(vault.state("v200"), "received", "but it is when she asks, and the server may have learnt");
  assert.equal(vault.boxes.get("v200").refused, false);
});

test("kept but set aside is told as set aside, with its reason", async () => {
  const { vault, server, sync } = a_tablet();
  many(vault, 2);
  server.take = (bytes) => {
    const id = bytes.toString().split(" ")[1];
    const outcome = id === "v0" ? { result: "received", reason: "wrong_time" } : { result: "conflict", reason: "conflict" };
    return { id, sha256: sha256(bytes), ...outcome };
  };
  await sync.sendNow();
  assert.deepEqual(vault.states(), ["quarantined", "quarantined"]);
  assert.deepEqual([...vault.boxes.values()].map(({ reason }) => reason), ["wrong_time", "conflict"]);
  assert.ok([...vault.boxes.values()].every(({ refused }) => refused === false), "what became of it is not read from the reason");
});

test("a line that takes little is given less until the queue is empty (AT-24)", async () => {
  const { vault, server, sync, clock } = a_tablet();
  for (let number = 0; number < 45; number += 1) vault.put(`v${number}`, `visit v${number} `.padEnd(30_000, "x"));
  vault.put("big", "visit big ".padEnd(200_000, "x"));
  server.most = 100_000;
  await sync.sendNow();
  const left = [...vault.boxes.values()].filter(({ state }) => state === "waiting").map(({ id }) => id);
  assert.deepEqual(left, ["big"]);
  assert.equal(sync.state().error, "sync.large");
  assert.equal(sync.state().lastSync, null);
  const refused = server.requests.filter(({ kind, options }) => kind === "outbox" && options.body.length > 100_000);
  assert.ok(refused.length < 12, "found by halving");
  server.most = Infinity;
  await clock.pass(MINUTE);
  assert.equal(vault.state("big"), "received");
});

for (const [how, which] of [["gone", "missing"], ["unreadable", "unreadable"]]) {
  test(`visits whose sealed bytes are ${how} stop no other, and it is said (AT-22)`, async () => {
    const { vault, server, sync } = a_tablet();
    many(vault, 45);
    for (const id of ["v0", "v7", "v44"]) vault[which].add(id);
    const told = console.error;
    console.error = () => {};
    const { sent, error } = await sync.sendNow();
    console.error = told;
    const left = [...vault.boxes.values()].filter(({ state }) => state === "waiting").map(({ id }) => id);
    assert.deepEqual([left, sent, error], [["v0", "v7", "v44"], 42, "sync.damaged"]);
    assert.ok(say(error).startsWith("Et besøg, der venter, kan ikke læses"));
    assert.equal(server.ever.size, 42);
    assert.equal(sync.state().lastSync, null);
  });
}

test("twenty lost ones at the head of the queue do not hold up what is behind them", async () => {
  const { vault, sync } = a_tablet();
  many(vault, 25);
  for (let number = 0; number < 20; number += 1) vault.missing.add(`v${number}`);
  const { sent } = await sync.sendNow();
  assert.equal(sent, 5);
});

test("after a time of small requests they grow again", async () => {
  const { vault, server, sync, clock } = a_tablet();
  many(vault, 20);
  server.fault = (kind) => (kind === "outbox" ? { before: late } : null);
  await sync.sendNow();
  await sync.sendNow();
  await sync.sendNow();
  await sync.sendNow();
  server.fault = () => null;
  await sync.sendNow();
  for (let number = 100; number < 500; number += 1) vault.put(`v${number}`);
  await clock.pass(MINUTE);
  server.requests.length = 0;
  for (let number = 500; number < 700; number += 1) vault.put(`v${number}`);
  await sync.sendNow();
  assert.equal(server.requests.filter(({ kind }) => kind === "outbox").length, 10);
});

test("what is finished while a round runs has its own receipt before it counts as sent (AT-14)", async () => {
  const { vault, server, sync } = a_tablet();
  vault.put("a");
  server.fault = (kind) => {
    if (kind === "outbox" && !vault.boxes.has("b")) vault.put("b");
    return null;
  };
  await sync.sendNow();
  assert.deepEqual(vault.states(), ["received", "received"]);
  assert.equal(vault.state("b"), "received");
  // One more is finished when the round has already looked into the outbox for the last time.
  server.fault = (kind) => {
    if (kind === "status" && !vault.boxes.has("c")) vault.put("c");
    return null;
  };
  const round = sync.pull();
  const [first, second] = await Promise.all([sync.sendNow(), sync.sendNow(), round]);
  assert.deepEqual([first.sent, second.sent], [1, 1], "the round after it takes it, and both who asked hear so");
  assert.deepEqual(vault.states(), ["received", "received", "received"]);
  assert.ok([...server.rows.values()].every(({ times }) => times === 1));
});

test("a visit is followed until it has been read, often at first", async () => {
  const { vault, server, sync, clock } = a_tablet();
  vault.put("a");
  await sync.sendNow();
  const [row] = server.rows.values();
  await clock.pass(3 * SECOND);
  assert.equal(vault.state("a"), "received");
  row.state = "opened";
  await clock.pass(5 * SECOND);
  assert.equal(vault.state("a"), "opened");
  const before = server.requests.length;
  await clock.pass(10 * MINUTE);
  assert.ok(server.requests.slice(before).every(({ kind }) => kind !== "status"), "and then no more");
});

test("what the server set aside is told with its reason", async () => {
  const { vault, server, sync, clock } = a_tablet();
  vault.put("a");
  await sync.sendNow();
  Object.assign([...server.rows.values()][0], { state: "quarantined", reason: "incomplete" });
  await clock.pass(MINUTE);
  assert.deepEqual([vault.state("a"), vault.boxes.get("a").reason], ["quarantined", "incomplete"]);
  Object.assign([...server.rows.values()][0], { state: "opened", reason: undefined });
  server.take = (bytes) => ({ id: "a", sha256: sha256(bytes), result: "duplicate", reason: "incomplete" });
  await sync.sendNow();
  assert.equal(vault.state("a"), "opened", "and when the lead has released it");
});

test("a server set back to yesterday gets once more what it has forgotten (AT-11)", async () => {
  const { vault, server, sync, clock } = a_tablet();
  many(vault, 2);
  await sync.sendNow();
  server.rows.clear();
  await clock.pass(10 * SECOND);
  assert.equal(server.rows.size, 2);
  assert.deepEqual(vault.states(), ["received", "received"]);
});

test("without a connection since when is said and remembered, also after a restart (AT-16)", async () => {
  const first = a_tablet();
  await first.sync.start();
  first.server.fault = () => ({ before: gone });
  await first.clock.pass(10 * MINUTE);
  const { offlineSince, error, lastSync } = first.sync.state();
  assert.equal(error, "sync.offline");
  assert.ok(offlineSince - lastSync <= MINUTE + SECOND && offlineSince > lastSync);
  const { vault, server } = first;
  const clock = new Clock();
  clock.time = first.clock.time + MINUTE;
  const again = createSync({ vault, fetch: server.fetch, clock, told: () => {} });
  await again.start();
  assert.deepEqual([again.state().offlineSince, again.state().lastSync], [offlineSince, lastSync]);
  server.fault = () => null;
  await clock.pass(30 * SECOND);
  assert.equal(again.state().offlineSince, null);
});

test("with nothing new there is one request a round", async () => {
  const { server, sync, clock, vault } = a_tablet();
  vault.person = { id: "vera" };
  server.families = [{ id: "f1" }];
  await sync.start();
  await sync.pull();
  const before = server.requests.length;
  await clock.pass(5 * MINUTE);
  const since = server.requests.slice(before);
  assert.deepEqual(new Set(since.map(({ path }) => path)), new Set(["/visit/caseload?after=1"]));
  assert.equal(since.length, 5);
});

test("the list is asked for with the tablet's own signature over the whole address", async () => {
  const { server, sync, vault } = a_tablet();
  vault.person = { id: "vera" };
  const signed = [];
  vault.signed = async (method, path, body) => {
    signed.push([method, path, body.length]);
    return { "X-Tablet": "t", "X-Nonce": "n", "X-Signature": "s" };
  };
  server.families = [{ id: "f1" }];
  await sync.pull();
  await sync.pull();
  assert.deepEqual(signed, [["GET", "/visit/caseload", 0], ["GET", "/visit/caseload?after=1", 0]]);
  const { headers } = server.requests.at(-1).options;
  assert.deepEqual([headers["X-Tablet"], headers["X-Nonce"], headers["X-Signature"]], ["t", "n", "s"]);
});

test("locked, the server is only asked whether it is there", async () => {
  const { server, sync, clock } = a_tablet();
  await sync.start();
  await clock.pass(3 * MINUTE);
  assert.deepEqual(new Set(server.requests.map(({ path }) => path)), new Set(["/visit/who"]));
});

test("the list is fetched after everything has been sent, and kept only for who is unlocked", async () => {
  const { server, sync, vault } = a_tablet();
  vault.person = { id: "vera" };
  vault.put("a");
  server.families = [{ id: "f1" }];
  await sync.pull();
  assert.deepEqual(server.requests.map(({ kind }) => kind), ["outbox", "status", "caseload"]);
  assert.deepEqual(vault.kept.families, [{ id: "f1" }]);
  server.session.person = "vibe";
  server.families.push({ id: "f2" });
  await sync.pull();
  assert.equal(sync.state().error, "sync.other");
  assert.deepEqual(vault.kept.families, [{ id: "f1" }]);
  server.fault = (kind) => {
    if (kind === "caseload") vault.person = null;
    return null;
  };
  server.session.person = "vera";
  await sync.pull();
  assert.deepEqual(vault.kept.families, [{ id: "f1" }], "locked meanwhile");
});

test("a server that gives its whole list leaves no family behind that is not on it", async () => {
  const { server, sync, vault } = a_tablet();
  vault.person = { id: "vera" };
  vault.kept = { families: [{ id: "old" }], cursor: null };
  server.families = [{ id: "f1" }];
  await sync.pull();
  assert.deepEqual(vault.kept.families, [{ id: "f1" }]);
  server.gone = ["f1"];
  await sync.pull();
  assert.deepEqual(vault.kept.families, []);
});

test("each unlocking goes on from the list that it opened", async () => {
  const { server, sync, vault } = a_tablet();
  server.families = [{ id: "f1" }];
  vault.person = { id: "vera" };
  await sync.pull();
  vault.person = { id: "vera" }; // set up anew: the same person with an empty area
  vault.kept = { families: [], cursor: null };
  await sync.pull();
  assert.equal(server.requests.at(-1).path, "/visit/caseload");
  assert.deepEqual(vault.kept.families, [{ id: "f1" }]);
});

test("what came home is a reason to look through the list again (AT-07)", async () => {
  const { server, sync, vault, clock } = a_tablet();
  vault.person = { id: "vera" };
  vault.put("a");
  await sync.pull();
  const keeps = vault.keeps;
  await clock.pass(2 * MINUTE);
  assert.equal(vault.keeps, keeps);
  [...server.rows.values()][0].state = "opened";
  await clock.pass(2 * MINUTE);
  assert.equal(vault.keeps, keeps + 1);
});

test("a list is not fetched while something could not be sent (AT-07)", async () => {
  const { server, sync, vault } = a_tablet();
  vault.person = { id: "vera" };
  vault.put("a");
  server.fault = (kind) => (kind === "outbox" ? { before: gone } : null);
  await sync.pull();
  assert.deepEqual(server.requests.map(({ kind }) => kind), ["outbox"]);
});

test("signed out is no fault: sending goes on, and the list is asked for again when she wants it (AT-34)", async () => {
  const { server, sync, vault, clock } = a_tablet();
  vault.person = { id: "vera" };
  server.session.status = 401;
  await sync.pull();
  assert.deepEqual([sync.state().error, sync.state().signedIn], [null, false]);
  vault.put("a");
  assert.equal((await sync.sendNow()).sent, 1);
  const before = server.requests.length;
  await clock.pass(5 * MINUTE);
  assert.ok(server.requests.slice(before).every(({ kind }) => kind !== "caseload"));
  server.session.status = 200;
  server.families = [{ id: "f1" }];
  await sync.pull();
  assert.deepEqual(vault.kept.families, [{ id: "f1" }]);
});

test("who may no longer fetch is told so in words, and her visits are sent all the same (AT-40)", async () => {
  const { server, sync, vault } = a_tablet();
  vault.person = { id: "vera" };
  vault.put("a");
  server.session.status = 403;
  await sync.pull();
  assert.equal(sync.state().error, "sync.role");
  assert.equal(vault.state("a"), "received");
});

test("a list cut off on the way changes nothing (AT-26)", async () => {
  const { server, sync, vault } = a_tablet();
  vault.person = { id: "vera" };
  server.families = Array.from({ length: 40 }, (_, number) => ({ id: `f${number}` }));
  const whole = await server.caseload({}, "/visit/caseload").text();
  for (const length of [0, 1, 50, 400, whole.length - 1]) {
    server.fault = (kind) => (kind === "caseload" ? { instead: () => answered(200, whole.slice(0, length)) } : null);
    await sync.pull();
    assert.deepEqual(vault.kept.families, []);
    assert.equal(sync.state().error, "sync.offline");
  }
  server.fault = () => null;
  await sync.pull();
  assert.equal(vault.kept.families.length, 40);
});

test("a fault of the tablet's own store is shown and never called a success", async () => {
  const { vault, sync, clock } = a_tablet();
  vault.put("a");
  const broken = Object.assign(new Error("full"), { key: "sync.server" });
  const record = vault.record;
  vault.record = async () => {
    throw broken;
  };
  const told = console.error;
  console.error = () => {};
  const { error } = await sync.sendNow();
  console.error = told;
  assert.equal(error, "sync.server");
  assert.deepEqual([vault.state("a"), sync.state().lastSync], ["waiting", null]);
  vault.record = record;
  await clock.pass(MINUTE);
  assert.equal(vault.state("a"), "received");
});

// A small generator of random numbers, so that a failing line can be had again by its seed.
function* numbers(seed) {
  let state = seed;
  for (;;) {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    yield ((state ^ (state >>> 12)) >>> 0) / 2 ** 32;
  }
}

test("over many bad lines nothing is lost, doubled or called sent too early, and all of it arrives", async () => {
  const faults = Object.values(impostors);
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { vault, server, sync, clock } = a_tablet();
    const random = numbers(seed);
    const next = () => random.next().value;
    server.fault = () => (next() < 0.5 ? faults[Math.floor(next() * faults.length)]() : null);
    await sync.start();
    for (let visit = 0; visit < 30; visit += 1) {
      vault.put(`v${visit}`);
      if (next() < 0.3) await sync.sendNow();
      await clock.pass(next() * MINUTE);
      // Either visits are read now and then, or the server is now and then set back to an empty backup.
      if (seed % 2 && next() < 0.1) for (const row of server.rows.values()) row.state = "opened";
      else if (seed % 2 === 0 && next() < 0.02) server.rows.clear();
      for (const { sha256: hash, state } of vault.boxes.values()) {
        assert.ok(state === "waiting" || server.ever.has(hash), `seed ${seed}`);
      }
    }
    server.fault = () => null;
    await clock.pass(MINUTE);
    assert.equal((await vault.outbox()).filter(({ state }) => state === "waiting").length, 0, `seed ${seed}`);
    assert.equal(server.ever.size, 30);
    assert.equal(server.rows.size, 30, `seed ${seed}`);
    for (const { times } of server.rows.values()) assert.equal(times, 1);
  }
});
