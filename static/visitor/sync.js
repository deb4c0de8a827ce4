// Sends what waits, asks how far it has come and fetches what is new, whenever the server can be reached.
//
// It asks the server, not navigator.onLine. An envelope counts as delivered when a receipt signed by the server
// that this tablet was set up with names its id and its content; a Wi-Fi login page, half an answer or a stranger's
// signature changes nothing. A round is called a success only when every request in it was one.

import * as realVault from "./vault.js";
import { addWords } from "./words.js";

const MOST = 20; // envelopes in a request, as the server takes them
const MOST_BYTES = 2 * 1024 * 1024;
const MOST_ASKED = 200;
const PATIENCE = 20_000; // for one answer; with the longest wait below it stays within a minute
const FIRST_WAIT = 2_000;
const LONGEST_WAIT = 30_000;
const FIRST_LOOK = 1_500; // until a received visit has been read
const IDLE = 60_000;
const PLAIN = { cache: "no-store", redirect: "error" };
const OWN_RESULTS = { received: "received", duplicate: "received", conflict: "quarantined", refused: "quarantined" };
const OWN_STATES = new Set(["received", "opened", "safe", "quarantined"]);

addWords({
  "sync.offline": ["Der er ikke forbindelse til serveren.", "There is no connection to the server."],
  "sync.portal": [
    "Nettet her svarer med noget andet end vores server. Måske skal du logge ind på nettet først.",
    "The network here answers with something other than our server. You may have to sign in to the network first.",
  ],
  "sync.receipt": [
    "Svaret kommer ikke fra den server, tabletten er gjort klar til. Intet er fjernet herfra. Sig det til din leder.",
    "The answer does not come from the server this tablet was set up with. Nothing has left it. Tell your lead.",
  ],
  "sync.unknown": [
    "Serveren kender ikke tabletten. Log ind, og gør den klar igen. Det, der venter, bliver liggende.",
    "The server does not know this tablet. Sign in and set it up again. What waits stays here.",
  ],
  "sync.busy": ["Serveren har travlt. Tabletten prøver igen af sig selv.", "The server is busy. The tablet tries again by itself."],
  "sync.server": [
    "Der er noget galt på serveren. Tabletten prøver igen af sig selv.",
    "Something is wrong at the server. The tablet tries again by itself.",
  ],
  "sync.notTaken": [
    "Serveren kunne ikke læse det, tabletten sendte. Opdatér appen, når den tilbyder det. Intet er fjernet herfra.",
    "The server could not read what the tablet sent. Update the app when it offers to. Nothing has left it.",
  ],
  "sync.partly": [
    "Serveren har ikke svaret for alle besøg. Resten bliver liggende, og tabletten prøver igen.",
    "The server has not answered for every visit. The rest stay here and the tablet tries again.",
  ],
  "sync.large": [
    "Et besøg er for stort til nettet her. Prøv på et andet net. De andre er sendt.",
    "One visit is too large for the network here. Try another network. The others have been sent.",
  ],
  "sync.damaged": [
    "Et besøg, der venter, kan ikke læses på tabletten. Det er bevaret. Sig det til din leder. De andre er sendt.",
    "A visit that waits cannot be read on this tablet. It is kept. Tell your lead. The others have been sent.",
  ],
  "sync.role": [
    "Listen hentes ikke: din rolle er ændret, eller tabletten er taget ud af brug. Tal med din leder. Dine besøg er i sikkerhed og bliver sendt.",
    "Your list is not fetched: your role has changed, or this tablet is out of use. Talk to your lead. Your visits are safe and will be sent.",
  ],
  "sync.other": [
    "En anden er logget ind på tabletten, så din liste hentes ikke. Log ind selv. Dine besøg bliver sendt.",
    "Somebody else is signed in on this tablet, so your list is not fetched. Sign in yourself. Your visits will be sent.",
  ],
});

/** Why a request did not succeed: a key of words, and whether the server was out of reach. */
class Trouble extends Error {
  constructor(key, more = {}) {
    super(key);
    Object.assign(this, { name: "Trouble", key }, more);
  }
}

/** One synchronisation over its surroundings: vault, fetch, `clock` {now, after(ms, call) -> cancel}, told(), listen(call). */
export function createSync({ vault, fetch, clock, told, listen = () => {} }) {
  const seen = { offlineSince: null, lastSync: null, nextTry: null, error: null, waiting: 0, received: 0, signedIn: null };
  const room = { items: MOST, bytes: MOST_BYTES };
  let wanted = {}; // what the next round does besides: {again, pull}
  let running = null;
  let following = null;
  let cancel = () => {};
  let failures = 0;
  let looks = 0;
  let cameHome = false;
  let list = { person: null, cursor: null, at: 0 };
  let kept = { offlineSince: null, lastSync: null, error: null }; // as remembered for the next start

  /** Begin: what is known from last time, then the first round. */
  async function start() {
    kept = { ...kept, ...(await vault.setting("sync")) };
    Object.assign(seen, kept);
    listen(poke);
    wanted.again = true;
    await round();
  }

  /** A round that also fetches the list. */
  async function pull() {
    wanted.pull = true;
    await round();
  }

  /** Send what waits, and once more what the server did not take. Gives {offline, sent, error}. */
  async function sendNow() {
    wanted.again = true;
    const { sent } = await round();
    return { offline: Boolean(seen.offlineSince), sent, error: seen.error };
  }

  /**
   * Times in milliseconds or null: offlineSince, lastSync (the last whole success), nextTry; error: a key of words or
   * null; waiting and received: how many visits; signedIn: whether the list can be fetched, null when not yet asked.
   */
  const state = () => ({ ...seen });

  // ── rounds ──

  // A round that begins now or, when one is under way, right after it: that one may have missed what is new.
  function round() {
    if (!running) return begin();
    return (following ??= running.then(begin));
  }

  function begin() {
    following = null;
    cancel();
    running = go().finally(() => {
      running = null;
      plan();
    });
    return running;
  }

  async function go() {
    const { again, pull: fetchList } = wanted;
    wanted = {};
    const tally = { sent: 0, requests: 0, left: null, narrow: false };
    try {
      await send(again, tally);
      await askAbout(again, tally);
      await fetchCaseload(fetchList, tally);
      if (!tally.requests) await probe();
      succeeded(tally.left);
    } catch (error) {
      failed(error);
    }
    await count();
    await remember();
    told({ sent: tally.sent });
    return tally;
  }

  // After a failure soon and then less often; while a visit is being read often and then less; else once a minute.
  function plan() {
    let wait = seen.waiting ? FIRST_WAIT : IDLE;
    if (failures) wait = doubled(FIRST_WAIT, failures - 1);
    else if (seen.received) wait = doubled(FIRST_LOOK, looks++);
    seen.nextTry = clock.now() + wait;
    cancel = clock.after(wait, round);
  }

  function poke() {
    if (!running && (failures || clock.now() - (seen.lastSync ?? 0) > FIRST_WAIT)) round();
  }

  function succeeded(left) {
    if (left) return failed(left);
    failures = 0;
    Object.assign(seen, { offlineSince: null, error: null, lastSync: clock.now() });
  }

  function failed(error) {
    if (!(error instanceof Trouble)) console.error(error);
    failures += 1;
    seen.error = error.key ?? "error.unexpected";
    seen.offlineSince = error.offline ? (seen.offlineSince ?? clock.now()) : null;
  }

  async function count() {
    try {
      const states = (await vault.outbox()).map((one) => one.state);
      seen.waiting = states.filter((one) => one === "waiting").length;
      seen.received = states.filter((one) => one === "received").length;
    } catch (error) {
      failed(error);
    }
  }

  async function remember() {
    const { offlineSince, lastSync, error } = seen;
    const same = offlineSince === kept.offlineSince && error === kept.error && lastSync - kept.lastSync < IDLE;
    if (same) return;
    try {
      kept = { offlineSince, lastSync, error };
      await vault.keepSetting("sync", kept);
    } catch (problem) {
      console.error(problem); // only what is shown after a restart is older then
    }
  }

  // ── sending ──

  async function send(again, tally) {
    const tried = new Set();
    for (;;) {
      const waits = ({ id, state, reason }) => !tried.has(id) && (state === "waiting" || (again && state === "quarantined" && reason));
      const batch = fitting((await vault.outbox()).filter(waits));
      if (!batch.length) return;
      if (await sendBatch(batch, tally)) for (const { id } of batch) tried.add(id);
    }
  }

  function fitting(queue) {
    let bytes = 0;
    const batch = [];
    for (const one of queue.slice(0, room.items)) {
      bytes += one.size ?? 0;
      if (batch.length && bytes > room.bytes) break;
      batch.push(one);
    }
    return batch;
  }

  // Whether the batch is dealt with; if not, it goes again in smaller parts.
  async function sendBatch(batch, tally) {
    try {
      const good = await readable(batch);
      const here = batch.filter(({ id }) => good.has(id));
      if (here.length < batch.length) tally.left = new Trouble("sync.damaged");
      if (!here.length) return true;
      tally.requests += 1;
      const { results } = await signed("outbox", { envelopes: here.map(({ id }) => base64(good.get(id))) });
      await believe(here, results, tally);
      if (!tally.narrow) room.items = Math.min(MOST, room.items + 1); // what failed once may go another time
    } catch (error) {
      if (error.tooMuch || error.tooSlow) room.items = Math.max(1, Math.floor(batch.length / 2));
      if (!error.tooMuch) throw error;
      tally.narrow = true;
      if (batch.length > 1) return false;
      tally.left = error; // alone and still too large: the others go on
    }
    return true;
  }

  // The sealed bytes by id, of those that can be read here. When none can be read together, they are tried in smaller parts.
  async function readable(batch) {
    try {
      const found = await vault.envelopes(batch.map(({ id }) => id));
      return new Map(found.filter(({ bytes }) => bytes instanceof Uint8Array).map(({ id, bytes }) => [id, bytes]));
    } catch (error) {
      console.error(error);
      throw new Trouble("sync.damaged", { tooMuch: true });
    }
  }

  // Only what the receipt names, by its content, changes its state.
  async function believe(batch, results, tally) {
    const mine = new Map(batch.map((one) => [one.sha256, one.id]));
    const known = results.filter(({ sha256, result }) => mine.has(sha256) && OWN_RESULTS[result]);
    await vault.record(
      known.map(({ sha256, result, reason = null }) => ({
        id: mine.get(sha256), sha256, state: reason ? "quarantined" : OWN_RESULTS[result], reason, refused: result === "refused",
      })),
    );
    tally.sent += known.filter(({ result }) => result !== "refused").length;
    if (known.length < batch.length) tally.left = new Trouble("sync.partly");
    looks = 0;
    await count();
    told({ sent: tally.sent });
  }

  // ── how far what was sent has come ──

  async function askAbout(again, tally) {
    const sent = (await vault.outbox()).filter(({ state }) => state === "received" || (again && state === "quarantined"));
    for (let first = 0; first < sent.length; first += MOST_ASKED) {
      const asked = sent.slice(first, first + MOST_ASKED);
      tally.requests += 1;
      const { states } = await signed("status", { ids: [...new Set(asked.map(({ id }) => id))] });
      const changes = asked.flatMap((one) => news(one, states));
      await vault.record(changes);
      if (changes.length) cameHome = true;
    }
  }

  // What changed for one visit. A server that no longer has what it acknowledged gets it once more.
  function news(one, states) {
    const found = states.find(({ id, sha256, state }) => id === one.id && sha256 === one.sha256 && OWN_STATES.has(state));
    const { state, reason = null } = found ?? { state: one.state === "received" ? "waiting" : one.state };
    return state === one.state ? [] : [{ id: one.id, sha256: one.sha256, state, reason }];
  }

  // ── the list of families ──

  async function fetchCaseload(asked, tally) {
    const person = vault.unlocked();
    if (!person || !(asked || (seen.signedIn !== false && clock.now() - list.at >= IDLE / 2))) return;
    // Another unlocking may open another area of the same person, with a list of its own.
    if (list.person !== person) list = { person, cursor: (await vault.caseload()).cursor ?? null, at: 0 };
    tally.requests += 1;
    try {
      const answer = await caseload(list.cursor);
      seen.signedIn = true;
      if (answer.person !== person.id) throw new Trouble("sync.other");
      await keep(person, answer);
    } catch (error) {
      if (!error.signIn) throw error;
      seen.signedIn = false; // the server is there; signing in is asked for when she wants something new
    }
  }

  async function caseload(cursor) {
    const path = cursor ? `/visit/caseload?after=${encodeURIComponent(cursor)}` : "/visit/caseload";
    // A sign-in alone reads no list: the tablet shows that it is one of hers, and in use.
    const headers = await vault.signed("GET", path, new Uint8Array());
    const answer = await json(await reach(path, { headers, referrerPolicy: "no-referrer" }), { 403: "sync.role", 409: "sync.other" });
    const whole = Array.isArray(answer.families) && Array.isArray(answer.gone) && typeof answer.cursor === "string";
    if (!whole) throw new Trouble("sync.portal", { offline: true });
    return answer;
  }

  async function keep(person, { families, gone, whole, config, cursor, as_of: asOf }) {
    if (vault.unlocked() !== person) return; // locked meanwhile: the next unlocking fetches it
    // A family that left stays until its visit is home, so what came home is a reason to look again (AT-07).
    const isNews = families.length || gone.length || whole || config || cursor !== list.cursor || cameHome;
    if (isNews) {
      const left = whole ? absent((await vault.caseload()).families, families) : gone;
      await vault.keepCaseload({ families, gone: left, config, cursor, asOf });
    }
    cameHome = false;
    list = { person, cursor, at: clock.now() };
    if (isNews) told({ caseload: true });
  }

  const absent = (held, given) => held.map(({ id }) => id).filter((id) => !given.some((one) => one.id === id));

  // ── requests ──

  // The address that the app asks at its start anyway, here without saying who asks.
  async function probe() {
    const { release } = await json(await reach("/visit/who", { credentials: "omit" }));
    if (typeof release !== "string") throw new Trouble("sync.portal", { offline: true });
  }

  // A request with the tablet's own signature; only an answer with the server's own is given back.
  async function signed(kind, content) {
    const path = `/visit/${kind}`;
    const body = new TextEncoder().encode(JSON.stringify(content));
    const headers = await vault.signed("POST", path, body);
    const given = { ...headers, "Content-Type": "application/json" };
    const answer = await json(await reach(path, { method: "POST", body, headers: given, credentials: "omit" }), { 403: "sync.unknown" });
    const outcomes = kind === "outbox" ? answer.results : answer.states;
    if (!Array.isArray(outcomes) || !(await vault.verified(kind, answer, headers["X-Nonce"]))) throw new Trouble("sync.receipt");
    return answer;
  }

  async function reach(path, options = {}) {
    try {
      const headers = { Accept: "application/json", ...options.headers };
      return await fetch(path, { ...PLAIN, signal: AbortSignal.timeout(PATIENCE), ...options, headers });
    } catch (error) {
      throw new Trouble("sync.offline", { offline: true, tooSlow: error.name === "TimeoutError" });
    }
  }

  async function json(answer, words = {}) {
    if (answer.status === 413) throw new Trouble("sync.large", { tooMuch: true });
    const ours = (answer.headers.get("Content-Type") ?? "").startsWith("application/json");
    if (!ours) throw new Trouble(answer.status >= 500 ? "sync.offline" : "sync.portal", { offline: true });
    if (!answer.ok) throw new Trouble(words[answer.status] ?? meaning(answer.status), { signIn: answer.status === 401 });
    try {
      const value = await answer.json();
      if (value && typeof value === "object") return value;
    } catch {
      // half an answer is none
    }
    throw new Trouble("sync.offline", { offline: true });
  }

  return { start, pull, sendNow, state };
}

const meaning = (status) => (status === 429 || status === 503 ? "sync.busy" : status >= 500 ? "sync.server" : "sync.notTaken");

// A fifth less or not: tablets that lost the server together do not come back together.
const doubled = (first, times) => Math.min(first * 2 ** Math.min(times, 10), LONGEST_WAIT) * (0.8 + 0.2 * Math.random());

function base64(bytes) {
  if (bytes.toBase64) return bytes.toBase64();
  let text = "";
  for (let first = 0; first < bytes.length; first += 0x8000) text += String.fromCharCode(...bytes.subarray(first, first + 0x8000));
  return btoa(text);
}

function watchConnection(poke) {
  globalThis.addEventListener("online", poke);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && poke());
}

const here = createSync({
  vault: { ...realVault, outbox: realVault.queue }, // nothing of a rehearsal
  fetch: (...request) => globalThis.fetch(...request),
  clock: {
    now: () => Date.now(),
    after(wait, call) {
      const timer = setTimeout(call, wait);
      return () => clearTimeout(timer);
    },
  },
  told: (detail) => document.dispatchEvent(new CustomEvent("sync", { detail })),
  listen: watchConnection,
});

export const { start, pull, sendNow, state } = here;
