"""The floor under the tablet's measures: hand-written HTML and JavaScript with the same questions and nothing else.

All of them lie in one page, of which the first few are shown, without modules, languages, sealing or frame, kept for
offline use by a few lines of worker; answers are kept as they are. What the app needs beyond it is the price of
everything it does besides asking.
"""

import json
import threading
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from screening import instrument
from screening.instrument import Item

WORKER = """
const kept = caches.open("floor")
self.addEventListener("install", (event) => event.waitUntil(kept.then((cache) => cache.add("/floor"))))
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()))
self.addEventListener("fetch", (event) =>
  event.respondWith(kept.then(async (cache) => (await cache.match(event.request)) ?? fetch(event.request))))
"""
# Each change is noted, every question looks whether it is asked now, and the answers are kept and flushed as they are.
SCRIPT = """
navigator.serviceWorker.register("/worker.js")
const answers = {}
const asked = ({ any, all, item, in: among, contains }) =>
  any ? any.some(asked) : all ? all.every(asked) : among ? among.includes(answers[item])
    : contains ? (answers[item] ?? []).includes(contains) : true
let database
const request = indexedDB.open("floor", 1)
request.onupgradeneeded = () => request.result.createObjectStore("visits", { keyPath: "id" })
request.onsuccess = () => database = request.result
document.addEventListener("change", ({ target }) => {
  answers[target.name] = target.value
  for (const [id, when] of CONDITIONS) document.getElementById(id).hidden = !asked(when)
  document.body.dataset.saved = "no"
  const writing = database.transaction("visits", "readwrite", { durability: "strict" })
  writing.objectStore("visits").put({ id: 1, answers })
  writing.oncomplete = () => document.body.dataset.saved = "yes"
})
"""
SHOWN = 5  # questions on the page, as on the app's own first one
STYLE = "body{font:18px sans-serif;max-width:44rem;margin:auto}fieldset{margin:1rem 0}label{display:block;padding:1rem}"


def page() -> bytes:
    """Every question of the newest instrument, and a field to unlock with."""
    items = [item for form in "ABCD" for item in instrument.load(instrument.versions()[-1]).items(form)]
    conditions = [[item.link_id, item.when] for item in items if item.when]
    first = [item for item in items if not item.when][:SHOWN]
    later = [item for item in items if item not in first]
    script = f"const CONDITIONS = {json.dumps(conditions)}\n{SCRIPT}"
    return (
        f"<!doctype html><html lang=da><meta charset=utf-8><title>Floor</title><style>{STYLE}</style>"
        f"<label>Adgangssætning <input name=passphrase></label>{''.join(map(question, first))}"
        f"<section hidden>{''.join(map(question, later))}</section><script>{script}</script>"
    ).encode()


def question(item: Item) -> str:
    kind = "checkbox" if item.type == "multi" else "radio"
    codes = (
        [("true", "Ja"), ("false", "Nej")]
        if item.type == "boolean"
        else [(one.code, one.text["da"]) for one in item.options]
    )
    options = [
        f"<label><input type={kind} name={item.link_id} value={escape(code)}>{escape(words)}</label>"
        for code, words in codes
    ]
    typed = f"<textarea name={item.link_id}></textarea>" if item.type in ("text", "string", "date") else ""
    return f"<fieldset id={item.link_id}><legend>{escape(item.text['da'])}</legend>{''.join(options)}{typed}</fieldset>"


class Floor(ThreadingHTTPServer):
    """Serves the page and its worker on loopback until it is shut down."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.bodies = {"/floor": (page(), "text/html"), "/worker.js": (WORKER.encode(), "text/javascript")}
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://localhost:{self.server_port}/floor"


class Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body, kind = self.server.bodies.get(self.path, (b"", "text/plain"))
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """What is asked for is no news."""
