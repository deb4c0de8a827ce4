"""The command line: a demo to try, a server to run, people to add, a visit to evaluate."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from screening import config
from screening import instance as instances
from screening.config import NotConfigured
from screening.errors import Refused

INSTANCE = click.option(
    "--instance", type=click.Path(path_type=Path, file_okay=False), help="The instance folder; default instance/."
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
        except (NotConfigured, Refused) as error:
            Line(str(getattr(error, "reason", error))).show()
            sys.exit(2)
        sys.exit(0)


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
    serve.run(settings, "127.0.0.1", port, ready=partial(say_ready, url, people, as_json))


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
    """Serve a real municipality. With --cert and --key over https, as tablets need it."""
    from screening import serve as serving

    if bool(cert) != bool(key):
        raise Line("--cert and --key belong together; give both or none")
    settings = config.load(instance)
    serving.refuse_demo(settings)
    serving.refuse_unready(settings)
    serving.run(settings, host, port, cert, key)


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
@click.option("--team", default="", help="The team, such as Nord; visitors and leads need one.")
@click.option("--language", default="da", show_default=True, type=click.Choice(["da", "en"]))
def person_add(instance: Path | None, username: str, name: str, role: str, team: str, language: str) -> None:
    """Add a person and print, once, the password and the secret for a code app."""
    from screening import people

    if role in ("visitor", "lead") and not team.strip():
        raise Line("--team is missing: visitors and leads belong to a team")
    made = with_store(
        instance, lambda store, now: people.add(store, username, name, role, team, now, language=language)
    )
    click.echo(f"username  {people.account(username)}\npassword  {made['password']}\nsecret    {made['totp_secret']}")
    click.echo("Shown only now. Hand over the two on different ways, and let the person choose a password at once.")


@person.command("disable")
@INSTANCE
@click.argument("username")
def person_disable(instance: Path | None, username: str) -> None:
    """End a person's access at once, open sign-ins included."""
    from screening import people

    with_store(instance, lambda store, now: people.disable(store, username, now))
    click.echo(f"{username} can no longer sign in")


@person.command("list")
@INSTANCE
def person_list(instance: Path | None) -> None:
    """Everybody: username, role, team, and who may no longer sign in."""
    from screening import people

    for one in with_store(instance, lambda store, now: people.listed(store)):
        ended = f"  ended {one['disabled_at'][:10]}" if one["disabled_at"] else ""
        click.echo(f"{one['username']:16}{one['role']:13}{one['team']:12}{one['name']}{ended}")


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
    """Do something with an instance's store and the time, and close it."""
    settings = config.load(instance)
    if not settings.database_path.exists():
        raise Line(f"{settings.database_path} does not exist; screening migrate makes it")
    store = instances.opened(settings)
    try:
        return work(store, datetime.now(UTC))
    finally:
        store.close()
