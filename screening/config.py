"""Settings: where things lie and how long things last, each with its default and one sentence.

A setting is read from ``instance/config.toml`` and, above that, from the environment
(``SCREENING_`` and the name in capitals). What belongs to the municipality's daily work (contacts,
visit windows, closing days) stands in its own file, see ``municipality.py``.
"""

import os
import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

CONFIG_FILE = "config.toml"
PREFIX = "SCREENING_"


class NotConfigured(Exception):
    """The start is refused. The message is one English line for the operator: what, where, and what helps."""


def setting(default: Any, meaning: str) -> Any:
    """A field of ``Settings`` with its default and the sentence that explains it."""
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything the start needs to know. Paths are relative to the instance folder."""

    instance: Path = field(metadata={"meaning": "The folder that holds the database, the keys and config.toml."})
    database: str = setting("screening.db", "The database file.")
    keys: str = setting(
        "keys",
        "The folder of the key files; serve wants it outside the instance folder. Not used when keys_command is set.",
    )
    keys_command: tuple[str, ...] = setting(
        (), "A program (a list: name, arguments) that holds the keys instead of the folder, such as an HSM's."
    )
    audit_head: str = setting(
        "", "The file that names the log's newest entry, best on another disk. Empty: beside the instance folder."
    )
    cookie_key: str = setting("cookie.key", "The file with the secret that signs form tokens; made when missing.")
    municipality: str = setting("municipality.toml", "The municipality's name, contacts, windows and closing days.")
    origin: str = setting(
        "",
        "The address people use, such as https://besoeg.example.dk. Empty, and on this machine alone: the address each "
        "request names.",
    )
    proxies: int = setting(
        0, "How many reverse proxies stand in front and set X-Forwarded-For; with 0 that header is not believed."
    )
    idle_minutes: int = setting(30, "A sign-in ends after so many quiet minutes; a tablet's visits need none.")
    session_hours: int = setting(12, "Every sign-in ends after so many hours, however busy.")
    demo: bool = setting(False, "Invented people only; every page says DEMO.")

    @property
    def database_path(self) -> Path:
        return self.instance / self.database

    @property
    def keys_path(self) -> Path:
        return self.instance / self.keys

    @property
    def municipality_path(self) -> Path:
        return self.instance / self.municipality

    @property
    def audit_head_path(self) -> Path:
        beside = self.instance.with_name(self.instance.name + ".audit-head")
        return self.instance / self.audit_head if self.audit_head else beside

    @property
    def cookie_key_path(self) -> Path:
        return self.instance / self.cookie_key


NAMES = {one.name: one for one in fields(Settings)}


def load(instance: Path | str | None = None, environment: Mapping[str, str] | None = None, **given: Any) -> Settings:
    """The settings of an instance folder: defaults, then config.toml, then the environment, then what is given.

    Raises NotConfigured naming the file or variable and the setting.
    """
    environment = os.environ if environment is None else environment
    folder = Path(instance or environment.get(PREFIX + "INSTANCE") or "instance").absolute()
    values = from_file(folder / CONFIG_FILE) | from_environment(environment) | given
    made = Settings(**(values | {"instance": folder}))
    check(made)
    return made


def from_file(path: Path) -> dict[str, Any]:
    """The settings a config.toml names; nothing when there is no such file."""
    if not path.exists():
        return {}
    return {name: typed(name, value, f"{path}: {name}") for name, value in read_toml(path).items()}


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings that stand in the environment; lists are separated by spaces, yes/no is ``1`` or ``0``."""
    found = {}
    for name, one in NAMES.items():
        text = environment.get(PREFIX + name.upper())
        if text is not None and name != "instance":
            found[name] = typed(name, from_text(text, type(one.default)), PREFIX + name.upper())
    return found


def from_text(text: str, kind: type) -> Any:
    """An environment variable as what its setting should be, or unchanged where it is not."""
    if kind is tuple:
        return text.split()
    if kind is bool:
        return {"1": True, "true": True, "0": False, "false": False, "": False}.get(text.lower(), text)
    if kind is int and text.strip().isdecimal():
        return int(text)
    return text


def typed(name: str, value: Any, where: str) -> Any:
    """The value, if a setting of that name may be so; raises NotConfigured naming ``where``."""
    if name not in NAMES or name == "instance":
        raise NotConfigured(f"{where} is not a setting; the settings are {', '.join(sorted(NAMES))}")
    kind = type(NAMES[name].default)
    if kind is tuple and isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if type(value) is not kind:
        expected = {str: "a text", int: "a whole number", bool: "true or false", tuple: "a list of texts"}[kind]
        raise NotConfigured(f"{where} must be {expected}")
    return value


def read_toml(path: Path) -> dict[str, Any]:
    """What a TOML file says, with or without a byte order mark. Raises NotConfigured naming file and place."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise NotConfigured(f"{path}: {error}") from error


def check(settings: Settings) -> None:
    """Refuse values that cannot work. Raises NotConfigured naming the setting."""
    parts = urlsplit(settings.origin)
    if settings.origin and (parts.scheme not in ("http", "https") or not parts.netloc or parts.path not in ("", "/")):
        raise NotConfigured(f"origin must be like https://name or http://localhost:8000, not {settings.origin}")
    if not 0 <= settings.proxies <= 5:
        raise NotConfigured("proxies must be from 0 to 5")
    if not 1 <= settings.idle_minutes <= 120:
        raise NotConfigured("idle_minutes must be from 1 to 120")
    if not 1 <= settings.session_hours <= 24:
        raise NotConfigured("session_hours must be from 1 to 24")


def cookie_secret(settings: Settings) -> bytes:
    """The secret that signs form tokens; made on first use, readable by the owner alone."""
    path = settings.cookie_key_path
    try:
        # O_EXCL: of two processes that start at once, one makes it and both read the same.
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    except OSError as error:
        raise NotConfigured(f"{path} cannot be written: {error.strerror}") from error
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(32))
    if path.stat().st_mode & 0o077:
        raise NotConfigured(f"{path} can be read by others; chmod 600 makes it safe")
    secret = path.read_bytes()
    if len(secret) < 32:
        raise NotConfigured(f"{path} is too short to be a secret; remove it and a new one is made")
    return secret


def explain() -> str:
    """Every setting with its default and its sentence, as the command line prints it."""
    lines = []
    for one in fields(Settings):
        default = "instance" if one.name == "instance" else one.default
        lines += [f"{one.name} = {shown(default)}", f"    {one.metadata['meaning']}", ""]
    return "\n".join(lines).rstrip() + "\n"


def shown(value: Any) -> str:
    """A default as TOML would have it."""
    if isinstance(value, bool):
        return str(value).lower()
    return "[]" if value == () else f'"{value}"' if isinstance(value, str) else str(value)
