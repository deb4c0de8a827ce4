"""Serving: one process that answers and judges, one above it that starts and ends it.

The answering process has a thread that judges what was received: woken by every new envelope and, in
case a wake-up was lost with a process, every two seconds.
"""

import ipaddress
import json
import logging
import resource
import shlex
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from screening import encounters, instance, municipality, people, witness
from screening.config import CONFIG_FILE, NAMES, NotConfigured, Settings
from screening.errors import Refused
from screening.store import NotOpened

# A connection has this long for its headers, and for its next request; the reception limits bodies.
HEADER_SECONDS = 30
# Connections at once, each of which costs an open file.
CONNECTIONS = 4096
JUDGE_SECONDS = 2.0
log = logging.getLogger("screening")


def run(
    settings: Settings,
    host: str,
    port: int,
    cert: Path | None = None,
    key: Path | None = None,
    ready: Callable[[], None] | None = None,
) -> None:
    """Serve until a signal ends it. ``ready`` (which must be picklable) is called once, when it answers.

    Raises NotConfigured when the address cannot be had or the service would be half configured.
    """
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    refuse_taken(host, port)
    allow_connections()
    # HTTP/1.1 alone: while Granian waits to see which of two protocols a connection speaks, it waits without limit.
    server = Granian(
        "screening", address=host, port=port, interface=Interfaces.ASGINL, http=HTTPModes.http1, websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_SECONDS * 1000), backpressure=CONNECTIONS,
        workers=1, log_level=LogLevels.error, ssl_cert=cert, ssl_key=key, workers_kill_timeout=10,
    )  # fmt: skip
    # Nothing may run beside this when the answering process is forked: a thread would leave its locks behind.
    server.serve(target_loader=partial(answering, settings, (host, port), ready), wrap_loader=False)


def answering(settings: Settings, address: tuple[str, int], ready: Callable[[], None] | None = None) -> Any:
    """What the answering process runs: the application behind its reception, with its judging beside it."""
    from screening import create_app
    from screening.web.reception import Reception

    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    try:
        app = create_app(settings)
    except (NotConfigured, NotOpened, Refused) as error:
        sys.exit(f"screening: {getattr(error, 'reason', error)}")
    threading.Thread(target=judge, args=(app.extensions["screening"],), name="judge", daemon=True).start()
    if ready:
        threading.Thread(target=announce, args=(address, ready), daemon=True).start()
    return Reception(app, settings.proxies)


def allow_connections() -> None:
    """Let this process have as many connections open as it takes, where the system allows more than usual."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CONNECTIONS + 256 if hard == resource.RLIM_INFINITY else min(hard, CONNECTIONS + 256)
    if 0 <= soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def announce(address: tuple[str, int], ready: Callable[[], None]) -> None:
    """Call ``ready`` as soon as the address takes connections."""
    while True:
        try:
            socket.create_connection(address, timeout=5).close()
            return ready()
        except OSError:
            time.sleep(0.02)


def judge(service: Any) -> None:
    """Judge what waits, for as long as the process lives. One mishap must not end it."""
    while True:
        service.judge.wait(JUDGE_SECONDS)
        service.judge.clear()
        keep_log(service)
        try:
            encounters.judge_waiting(service.store, service.instruments, service.municipality, service.clock())
        except Exception as error:
            # Its words may hold what a family said; kind and place are enough to find it.
            log.error("judging stopped at %s and goes on: %s", where(error), type(error).__name__)
            time.sleep(JUDGE_SECONDS)


def keep_log(service: Any) -> None:
    """Write what was counted for the log, and its newest entry's hash outside the database. A mishap is noted only."""
    try:
        now = service.clock()
        service.denials.flush(service.store, now)
        witness.keep(service.store, service.settings.audit_head_path, now)
    except Exception as error:
        log.error(
            "the log's newest entry is not kept outside the database: %s at %s", type(error).__name__, where(error)
        )


def where(error: BaseException) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else "nowhere"


def refuse_taken(host: str, port: int) -> None:
    """Raise NotConfigured when somebody else listens there: two servers would share the visitors silently."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise NotConfigured(f"{host}:{port} cannot be used ({error.strerror}); --port chooses another") from error


def refuse_unusable(cert: Path, key: Path) -> None:
    """Raise NotConfigured when two files are no certificate chain and its private key, both PEM, without a password."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(cert, key, password=str)
    except (ssl.SSLError, ValueError) as error:
        raise NotConfigured(f"{cert} and {key} are no certificate and its key: both must be PEM, and belong together; "
                            "a key with a password cannot be used") from error  # fmt: skip


def refuse_demo(settings: Settings) -> None:
    """Raise NotConfigured when an instance holds invented people: they must never be served as real ones."""
    if settings.demo or (settings.instance / "demo.json").exists():
        raise NotConfigured(f"{settings.instance} holds a demo; choose another folder with --instance")


def unfilled(settings: Settings) -> list[str]:
    """What the municipality's file still has from the example, a line for each key: nobody is asked alone until then.

    Raises NotConfigured for a file that cannot be read.
    """
    place = municipality.load(settings.municipality_path)
    why = "still holds the example's value or a number that is nobody's"
    return [f"{settings.municipality_path}: {key} {why}; no tablet asks anybody alone" for key in place.placeholders]


def log_problems(settings: Settings) -> list[str]:
    """What is wrong with the end of the log, a line each; then its newest entry is kept. Raises OSError."""
    store = instance.opened(settings)
    try:
        found = witness.problems(store, settings.audit_head_path)
        witness.keep(store, settings.audit_head_path, datetime.now(UTC))
    finally:
        store.close()
    return found


def refuse_exposed(settings: Settings, host: str, secure: bool) -> None:
    """Raise NotConfigured when what people send could be read or led astray on its way. ``secure``: with a certificate.

    On this machine alone nothing is asked for, so that an installation can be tried.
    """
    if is_loopback(host) and not settings.proxies:
        return
    if not secure and not settings.proxies:
        raise NotConfigured(
            f"{host} can be reached from other machines and would be served without https; give --cert "
            "and --key, or set proxies to the number of reverse proxies in front that speak https"
        )
    if urlsplit(settings.origin).scheme != "https":
        file = settings.instance / CONFIG_FILE
        raise NotConfigured(
            f'write origin = "https://the.name.people.use" in {file}; '
            "without it any name that a request claims would be believed"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_keys_beside(settings: Settings) -> None:
    """Raise NotConfigured when the key files lie below the instance folder: one copy of it would open everything.

    The message holds the line for the shell that moves them.
    """
    folder, keys = settings.instance.resolve(), settings.keys_path.resolve()
    if settings.keys_command or not keys.is_relative_to(folder):
        return
    better = folder.with_name(f"{folder.name}-keys")
    line = f"keys = {json.dumps(str(better), ensure_ascii=False)}"
    move = shlex.join(["mv", str(keys), str(better)])
    if settings.keys == NAMES["keys"].default:
        move += f" && {shlex.join(['echo', line])} >> {shlex.quote(str(folder / CONFIG_FILE))}"
    else:
        move += f" and write {line} where keys is set now"
    raise NotConfigured(f"the keys lie in the instance folder, where one copy opens everything; move them: {move}")


def refuse_unready(settings: Settings) -> None:
    """Raise NotConfigured when something is missing without which nobody could work."""
    if not settings.database_path.exists():
        raise NotConfigured(f"{settings.database_path} does not exist; screening migrate makes it")
    if not settings.municipality_path.exists():
        raise NotConfigured(f"{settings.municipality_path} does not exist; it names the municipality and its contacts")
    store = instance.opened(settings)
    try:
        if not any(one["disabled_at"] is None for one in people.listed(store)):
            raise NotConfigured(f"{settings.instance} has no people; screening person add makes them")
    finally:
        store.close()
