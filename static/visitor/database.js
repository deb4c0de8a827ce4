// The tablet's database: a few plain facts, and what is sealed. Every write is strict: it is on disk before it
// counts. Knows neither keys nor words.

const VERSION = 1;
const STORES = { settings: "name", people: "id", records: "id", outbox: "id", envelopes: "id", ballast: "name" };
const BALLAST = 5 * 1024 * 1024;

let name = "visit";
let connection = null;

/** From here on this worker reads and writes another database, emptied first, and never again the one before. */
export async function moveTo(other) {
  (await opened()).close();
  await removed(other);
  [name, connection] = [other, null];
}

function removed(old) {
  return new Promise((done, failed) => {
    const request = indexedDB.deleteDatabase(old);
    request.onsuccess = () => done();
    request.onerror = () => failed(request.error);
  });
}

function opened() {
  return (connection ??= new Promise((done, failed) => {
    const request = indexedDB.open(name, VERSION);
    request.onupgradeneeded = () => {
      for (const [each, keyPath] of Object.entries(STORES)) {
        const store = request.result.createObjectStore(each, { keyPath });
        if (each === "records") store.createIndex("vault", "vault");
      }
    };
    request.onerror = () => failed(request.error);
    request.onsuccess = () => {
      const forget = () => {
        connection = null;
      };
      request.result.onclose = forget;
      request.result.onversionchange = () => {
        request.result.close();
        forget();
      };
      done(request.result);
    };
  }).catch((error) => {
    connection = null;
    throw error;
  }));
}

/** One row by its key, or undefined. */
export const get = async (store, key) => read(store, (place) => place.get(key));

/** Several rows by their keys, in one transaction; undefined for those that are not there. */
export const several = async (store, keys) => read(store, (place) => keys.map((key) => place.get(key)));

/** All rows. */
export const all = async (store) => read(store, (place) => place.getAll());

/** The sealed records of one vault. */
export const recordsOf = async (vault) => read("records", (place) => place.index("vault").getAll(vault));

async function read(store, ask) {
  const transaction = (await opened()).transaction(store);
  const asked = ask(transaction.objectStore(store));
  await complete(transaction);
  return Array.isArray(asked) ? asked.map(({ result }) => result) : asked.result;
}

/**
 * Put rows and drop keys, {put: {store: [rows]}, drop: {store: [keys]}}, all or nothing, and resolve when they are
 * on disk. When the store is full the ballast is given up and the write is tried once more (F15, P15).
 */
export async function write(changes) {
  try {
    await attempt(changes);
  } catch (error) {
    if (error.name !== "QuotaExceededError" || !(await get("ballast", "ballast"))) throw error;
    await attempt({ drop: { ballast: ["ballast"] } });
    await attempt(changes);
  }
}

async function attempt({ put = {}, drop = {} }) {
  const stores = [...new Set([...Object.keys(put), ...Object.keys(drop)])];
  const transaction = (await opened()).transaction(stores, "readwrite", { durability: "strict" });
  const finished = complete(transaction);
  try {
    for (const [store, keys] of Object.entries(drop)) for (const key of keys) transaction.objectStore(store).delete(key);
    for (const [store, rows] of Object.entries(put)) for (const row of rows) transaction.objectStore(store).put(row);
  } catch (error) {
    transaction.abort(); // a row that cannot be stored must not leave half a change behind
    await finished.catch(() => {});
    throw error;
  }
  await finished;
}

function complete(transaction) {
  return new Promise((done, failed) => {
    transaction.oncomplete = () => done();
    transaction.onabort = () => failed(transaction.error ?? new DOMException("aborted", "AbortError"));
  });
}

/** Keep 5 MiB that can be given up for a last save. Random, so that it really takes the room. True when it is there. */
export async function keepBallast() {
  if (await get("ballast", "ballast")) return true;
  const bytes = new Uint8Array(BALLAST);
  for (let at = 0; at < BALLAST; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
  try {
    await attempt({ put: { ballast: [{ name: "ballast", bytes }] } });
    return true;
  } catch (error) {
    if (error.name !== "QuotaExceededError") throw error;
    return false;
  }
}
