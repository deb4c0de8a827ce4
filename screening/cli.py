"""The command line: a demo to try, a server to run, people and families to add, a visit to evaluate."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click

from screening import config
from screening import instance as instances
from screening.config import NotConfigured
from screening.errors import Refused
from screening.store import NotOpened

INSTANCE = click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The instance folder; default instance/."
)
DAY = click.DateTime(["%Y-%m-%d"])
HAND_OVER = (
    "Shown only now. Hand over password and secret on different ways. A first password works for 7 days, and at the "
    "first sign-in the person chooses her own."
)
DEMO_FOLDER = Path("instance") / "demo"


class Line(click.ClickException):
    """One clear line, exit status 2."""

    exit_code = 2

    def show(self, file: Any = None) -> None:
        click.echo(f"screening: {' '.join(self.message.split())}", err=True)


class Commands(click.Group):
    """Every mistake in what was typed or configured is one line and exit status 2, never a trace."""

    def main(self, *args: Any, **options: Any) -> Any:
        if not options.pop("standalone_mode", True):
            return super().main(*args, standalone_mode=False, **options)
        try:
            super().main(*args, standalone_mode=False, **options)
        except click.exceptions.NoArgsIsHelpError as shown:
            click.echo(shown.format_message())
            sys.exit(2)
        except (click.Abort, KeyboardInterrupt):
            sys.exit(130)
        except click.ClickException as error:
            Line(error.format_message()).show()
            sys.exit(2)
        except Refused as error:
            Line(in_english(error)).show()
            sys.exit(2)
        except (NotConfigured, NotOpened) as error:
            Line(str(error)).show()
            sys.exit(2)
        except OSError as error:
            Line(f"{error.filename or 'the system says'}: {error.strerror or error}").show()
            sys.exit(2)
        sys.exit(0)


def in_english(refusal: Refused) -> str:
    """A refusal's sentence in the language of the command line."""
    if reason := getattr(refusal, "reason", None):
        return str(reason)
    from screening.web import language

    text = language.english().get(refusal.sentence, refusal.sentence)
    return str(text).format(**refusal.values) if refusal.values else str(text)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Besøg: health visitors' tablets, the team lead's pages, and the server between them."""


@main.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where it answers.")
@INSTANCE
@click.option("--families", default=120, show_default=True, type=click.IntRange(1, 2000), help="How many are invented.")
@click.option("--seed", default=1, show_default=True, help="The same number invents the same municipality.")
@click.option("--json", "as_json", is_flag=True, help="When ready, one line of JSON instead of a text.")
def demo(port: int, instance: Path | None, families: int, seed: int, as_json: bool) -> None:
    """Serve an invented municipality on this machine, and print its sign-ins."""
    from screening import serve
    from screening.demo import municipality

    url = f"http://localhost:{port}"
    folder = (instance or DEMO_FOLDER).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    settings = config.load(folder, demo=True, origin=url)
    people = municipality.prepare(settings, families, seed, datetime.now(UTC))
    instances.opened(settings).close()  # what cannot be opened is said here, not by the process that answers
    serve.run(settings, "127.0.0.1", port, ready=partial(say_ready, url, people, as_json))


def say_serving(url: str, origin: str) -> None:
    """Tell that the service answers, and where."""
    click.echo(f"Besøg answers at {url}{f', for people at {origin}' if origin else ''}  (Ctrl+C ends it)")
    sys.stdout.flush()


def say_ready(url: str, people: list[dict[str, str]], as_json: bool) -> None:
    """Tell that the demo answers, and who may sign in."""
    if as_json:
        click.echo(json.dumps({"url": url, "people": people}))
    else:
        click.echo(f"The demo answers at {url}  (everybody in it is invented; Ctrl+C ends it)\n")
        click.echo(f"{'role':10}{'username':12}{'password':28}secret for a code app")
        for one in people:
            click.echo(f"{one['role']:10}{one['username']:12}{one['password']:28}{one['totp_secret']}")
        click.echo("\nNo code app at hand? screening code SECRET prints the code of the moment.")
    sys.stdout.flush()


@main.command()
@click.argument("secret")
def code(secret: str) -> None:
    """Print the one-time code that belongs to a SECRET right now."""
    import binascii

    import pyotp

    try:
        click.echo(pyotp.TOTP(secret).now())
    except (binascii.Error, ValueError) as error:
        raise Line("the secret must be letters A-Z and digits 2-7") from error


@main.command()
@INSTANCE
@click.option("--host", default="127.0.0.1", show_default=True, help="The address it listens on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Where it answers.")
@click.option("--cert", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Certificate chain (PEM).")
@click.option("--key", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Its private key (PEM).")
def serve(instance: Path | None, host: str, port: int, cert: Path | None, key: Path | None) -> None:
    """Serve a real municipality. With --cert and --key over https, as tablets need it.

    Other machines reach it only so, or behind a declared proxy, and under the origin that is configured. The key files
    must lie outside the instance folder.
    """
    from screening import serve as serving

    if bool(cert) != bool(key):
        raise Line("--cert and --key belong together; give both or none")
    if cert and key:
        serving.refuse_unusable(cert, key)
    settings = config.load(instance)
    serving.refuse_demo(settings)
    serving.refuse_exposed(settings, host, secure=bool(cert))
    serving.refuse_unready(settings)
    serving.refuse_keys_beside(settings)
    for line in serving.unfilled(settings):
        click.echo(f"screening: {line}", err=True)
    for line in serving.log_problems(settings):
        click.echo(f"screening: the log: {line}", err=True)
    name = f"[{host}]" if ":" in host else host
    url = f"{'https' if cert else 'http'}://{name}:{port}"
    serving.run(settings, host, port, cert, key, ready=partial(say_serving, url, settings.origin))


@main.command()
@INSTANCE
def migrate(instance: Path | None) -> None:
    """Make or update the database of an instance folder, and the keys it needs."""
    settings = config.load(instance)
    settings.instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    instances.opened(settings).close()
    click.echo(f"{settings.database_path} is up to date")


@main.group()
def person() -> None:
    """Who may sign in."""


@person.command("add")
@INSTANCE
@click.argument("username")
@click.option("--name", required=True, help="The person's full name.")
@click.option("--role", required=True, type=click.Choice(["visitor", "lead", "coordinator", "admin"]))
@click.option("--team", default="", help="The team, such as Nord; a lead may have several (Nord, Syd) or all (*).")
@click.option("--language", default="da", show_default=True, type=click.Choice(["da", "en"]))
@click.option("--trained", type=DAY, help="The day of her training, such as 2026-09-01; person trained sets it later.")
def person_add(
    instance: Path | None, username: str, name: str, role: str, team: str, language: str, trained: datetime | None
) -> None:
    """Add a person and print, once, the password and the secret for a code app.

    Until the day of her training a visitor's tablet asks nobody alone.
    """
    from screening import people

    if role in ("visitor", "lead") and not team.strip():
        raise Line("--team is missing: visitors and leads belong to a team")
    day = trained.date() if trained else None
    made = with_store(
        instance, lambda store, now: people.add(store, username, name, role, team, now, language=language, trained=day)
    )
    click.echo(f"username  {people.account(username)}\npassword  {made['password']}\nsecret    {made['totp_secret']}")
    click.echo(HAND_OVER)


@person.command("renew")
@INSTANCE
@click.argument("username")
@click.option("--password", is_flag=True, help="Make a new first password.")
@click.option("--code", is_flag=True, help="Make a new secret for the code app.")
@click.option("--identity", required=True, help="Who made sure that it is the right person, and how; kept in the log.")
def person_renew(instance: Path | None, username: str, password: bool, code: bool, identity: str) -> None:
    """Let somebody in again who lost the password (--password), the code app (--code) or both.

    Prints what is new, once. Every open sign-in of the person ends. Name, families and tablets stay, and what lies on a
    tablet is opened with the card as before.
    """
    from screening import people

    if not (password or code):
        raise Line("give --password, --code or both: what the person has lost")

    def work(store: Any, now: datetime) -> list[str]:
        with store.transaction():  # both or none
            lines = [f"username  {people.account(username)}"]
            if password:
                lines.append(f"password  {people.renew_password(store, username, identity, now)}")
            if code:
                lines.append(f"secret    {people.renew_code(store, username, identity, now)}")
        return lines

    click.echo("\n".join(with_store(instance, work)))
    click.echo(HAND_OVER)


@person.command("disable")
@INSTANCE
@click.argument("username")
def person_disable(instance: Path | None, username: str) -> None:
    """End a person's access at once, open sign-ins included."""
    from screening import people

    with_store(instance, lambda store, now: people.disable(store, username, now))
    click.echo(f"{username} can no longer sign in")


@person.command("trained")
@INSTANCE
@click.argument("username")
@click.argument("day", type=DAY, metavar="DATE")
def person_trained(instance: Path | None, username: str, day: datetime) -> None:
    """Register the day (2026-09-01) on which a person is trained; from then on her tablet opens every part."""
    from screening import people

    with_store(instance, lambda store, now: people.train(store, username, day.date(), now))
    click.echo(f"{username} is trained on {day:%Y-%m-%d}")


@person.command("list")
@INSTANCE
def person_list(instance: Path | None) -> None:
    """Everybody: username, role, team, name, training, and who may no longer sign in."""
    from screening import people

    for one in with_store(instance, lambda store, now: people.listed(store)):
        trained = f"  trained {one['trained_at']}" if one["trained_at"] else ""
        ended = f"  ended {one['disabled_at'][:10]}" if one["disabled_at"] else ""
        click.echo(f"{one['username']:16}{one['role']:13}{one['team']:12}{one['name']}{trained}{ended}")


@main.group()
def families() -> None:
    """Who is visited."""


@families.command("import")
@INSTANCE
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def families_import(instance: Path | None, file: Path) -> None:
    """Take in the families of a CSV FILE, all or none; the same file again changes nothing.

    UTF-8, separated by ; or , and with a first line that names the columns: family (the register's own key; rows with
    the same are siblings), child_name, child_cpr, birth_date (2026-09-23), parent1_name, parent1_custody (yes or no),
    parent2_name, parent2_custody, visitor (a username, or empty), team, address_protected (yes or no), planned_2m and
    planned_8m (2026-11-25T09:00, or empty); optionally address and languages (dansk/arabisk). What the file says anew
    is updated; what visitors have learnt since stays. With a fault nothing is taken in, every fault gets a line, and
    the exit status is 1.
    """
    from screening import importing, municipality

    windows = municipality.load(config.load(instance).municipality_path).windows
    try:
        report = with_store(instance, lambda store, now: importing.families_of(store, file.read_bytes(), now, windows))
    except importing.Faulty as error:
        for line in error.lines:
            click.echo(line, err=True)
        sys.exit(1)
    for line in report.doubts:
        click.echo(f"look at {line}", err=True)
    click.echo(f"families: {report.added} added, {report.updated} updated, {report.unchanged} unchanged")


@families.command("move")
@INSTANCE
@click.argument("before", metavar="FROM")
@click.argument("after", metavar="TO")
@click.option("--yes", is_flag=True, help="Do it. Without this it is only told what would move.")
@click.option("--undo", metavar="MOMENT", help="Give back to FROM what was moved at that moment and is still with TO.")
def families_move(instance: Path | None, before: str, after: str, yes: bool, undo: str | None) -> None:
    """Give all families of one visitor to another, both by username: first to look at, then at once.

    Both tablets hear of it with their next synchronisation. What FROM has not sent yet is taken in all the same.
    """
    from screening import handover
    from screening.store import utc

    moved_at = moment(undo) if undo else None

    def work(store: Any, now: datetime) -> str:
        if moved_at:
            count = handover.take_back(store, before, after, moved_at, "system", now)
            return f"{count} families given back to {before}"
        if yes:
            count = handover.move(store, before, after, "system", now)
            return f"{count} families moved\nto undo: screening families move {before} {after} --undo {utc(now)}"
        found = handover.preview(store, before, after, now)
        beside = f"{found['planned']} appointments and {found['tasks']} open tasks"
        return f"{len(found['families'])} families would move from {before} to {after}, with {beside}; --yes does it"

    click.echo(with_store(instance, work))


def moment(text: str) -> datetime:
    """A moment as it was printed."""
    from screening.store import parse_utc

    try:
        return parse_utc(text)
    except ValueError as error:
        raise Line("--undo takes the moment that was printed, such as 2026-11-23T09:12:00.000Z") from error


@main.group()
def audit() -> None:
    """Who did what and when."""


@audit.command("read")
@INSTANCE
@click.option("--since", type=DAY, help="From this day on (2026-11-23, UTC).")
@click.option("--until", type=DAY, help="To the end of this day.")
@click.option("--person", help="What this username did, and what was done about it.")
@click.option("--event", help="Entries of this name only, such as signin_failed or denied.")
@click.option("--family", help="Entries about the family with this id, and its visits.")
@click.option("--json", "as_json", is_flag=True, help="A line of JSON for each entry.")
def audit_read(
    instance: Path | None,
    since: datetime | None,
    until: datetime | None,
    person: str | None,
    event: str | None,
    family: str | None,
    as_json: bool,
) -> None:
    """Print the log, oldest first: number, time (UTC), who, event, about whom, details.

    Why somebody opened a family's answers is sealed under the family's key and is not shown here.
    """
    from screening import audit as log
    from screening import people
    from screening.store import utc

    def work(store: Any, _now: datetime) -> None:
        wanted = {
            "since": utc(since.replace(tzinfo=UTC)) if since else None,
            "until": utc(until.replace(tzinfo=UTC) + timedelta(days=1)) if until else None,
            "actor": people.named(store, person)["id"] if person else None,
            "event": event,
            "family": family,
        }
        names = people.usernames(store)
        for row in log.found(store, **wanted):
            entry = log.readable(store, row)
            click.echo(json.dumps(entry, ensure_ascii=False) if as_json else entry_line(entry, names))

    with_store(instance, work)


def entry_line(entry: dict[str, Any], names: dict[str, str]) -> str:
    """An entry of the log for a person to read; people by username."""
    subject, detail = entry["subject"], entry["detail"]
    parts = [f"{entry['seq']:>7}  {entry['at']}  {names.get(entry['actor'], entry['actor']):16}{entry['event']:20}"]
    if subject:
        parts.append(names.get(subject, subject))
    if isinstance(detail, dict):
        parts.append(" ".join(f"{name}={value}" for name, value in detail.items()))
    elif detail:
        parts.append(f"({detail})")
    return "  ".join(parts).rstrip()


@audit.command("verify")
@INSTANCE
def audit_verify(instance: Path | None) -> None:
    """Look through the whole log: nothing changed, nothing missing, nothing cut off the end.

    Every fault gets a line, and the exit status is 1. The end is compared with the file of the setting audit_head.
    """
    from screening import audit as log
    from screening import witness

    path = config.load(instance).audit_head_path
    found, count = looked_at(
        instance, lambda store, _now: (log.verify(store) + witness.problems(store, path), witness.entries(store))
    )
    for line in found:
        click.echo(line, err=True)
    if found:
        click.echo("the log does not hold; keep a copy of the database and of the file before anything else", err=True)
        sys.exit(1)
    click.echo(f"the log holds: {count} entries")


@main.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
def evaluate(file: Path) -> None:
    """Evaluate the visits of a JSON file by the published rules, and print the results as JSON."""
    from screening import evaluation

    click.echo(evaluation.main_evaluate(file))


@main.command("config")
def explain() -> None:
    """Every setting with its default and what it means."""
    click.echo(config.explain(), nl=False)


def with_store(instance: Path | None, work: Callable[..., Any]) -> Any:
    """Do something with an instance's store and the time, and keep the log's newest entry outside the database."""
    from screening import witness

    path = config.load(instance).audit_head_path

    def kept(store: Any, now: datetime) -> Any:
        done = work(store, now)
        try:
            witness.keep(store, path, now)
        except OSError as error:  # what was asked for is done all the same
            click.echo(f"screening: {path} cannot be written: {error.strerror}; audit_head names another", err=True)
        return done

    return looked_at(instance, kept)


def looked_at(instance: Path | None, work: Callable[..., Any]) -> Any:
    """Do something with an instance's store and the time, and close it."""
    settings = config.load(instance)
    if not settings.database_path.exists():
        raise Line(f"{settings.database_path} does not exist; screening migrate makes it")
    store = instances.opened(settings)
    try:
        return work(store, datetime.now(UTC))
    finally:
        store.close()
