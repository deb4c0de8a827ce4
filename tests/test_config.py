"""Settings: read from a file and the environment, refused in one line when they cannot work."""

import os
from dataclasses import fields
from pathlib import Path

import pytest

from screening import config
from screening.config import NotConfigured, Settings


@pytest.fixture
def instance(tmp_path):
    folder = tmp_path / "instance"
    folder.mkdir()
    return folder


def written(instance: Path, text: str) -> Path:
    (instance / "config.toml").write_text(text, encoding="utf-8")
    return instance


def test_everything_has_a_default(instance):
    settings = config.load(instance, {})
    assert settings.database_path == instance / "screening.db"
    assert settings.keys_path == instance / "keys"
    assert settings.municipality_path == instance / "municipality.toml"
    assert settings.cookie_key_path == instance / "cookie.key"
    assert (settings.demo, settings.origin, settings.keys_command) == (False, "", ())


def test_the_file_counts_then_the_environment_then_what_is_given(instance):
    written(instance, "idle_minutes = 10\nsession_hours = 8\nproxies = 1")
    settings = config.load(
        instance, {"SCREENING_SESSION_HOURS": "9", "SCREENING_PROXIES": "2", "OTHER": "x"}, proxies=3
    )
    assert (settings.idle_minutes, settings.session_hours, settings.proxies) == (10, 9, 3)


def test_the_environment_says_numbers_lists_and_yes_or_no(instance):
    settings = config.load(
        instance,
        {
            "SCREENING_DEMO": "1",
            "SCREENING_KEYS_COMMAND": "/usr/bin/hsm --slot 2",
            "SCREENING_ORIGIN": "https://b.example",
        },
    )
    assert settings.demo is True
    assert settings.keys_command == ("/usr/bin/hsm", "--slot", "2")
    assert settings.origin == "https://b.example"


def test_the_instance_folder_comes_from_the_call_or_the_environment_or_is_beside_us(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert config.load(environment={}).instance == tmp_path / "instance"
    assert config.load(environment={"SCREENING_INSTANCE": str(tmp_path / "x")}).instance == tmp_path / "x"
    assert config.load("y", {"SCREENING_INSTANCE": str(tmp_path / "x")}).instance == tmp_path / "y"


def test_an_absolute_path_stands_for_itself(instance):
    assert config.load(instance, {}, database="/srv/screening.db").database_path == Path("/srv/screening.db")


@pytest.mark.parametrize(
    "text, says",
    [
        ("colour = 1", "colour is not a setting"),
        ('instance = "/"', "instance is not a setting"),
        ('proxies = "1"', "proxies must be a whole number"),
        ("proxies = true", "proxies must be a whole number"),
        ("proxies = 1.5", "proxies must be a whole number"),
        ('demo = "yes"', "demo must be true or false"),
        ("keys_command = 'hsm'", "keys_command must be a list of texts"),
        ("keys_command = [1]", "keys_command must be a list of texts"),
        ("database = 7", "database must be a text"),
        ("proxies = 6", "proxies must be from 0 to 5"),
        ("proxies = -1", "proxies must be from 0 to 5"),
        ("idle_minutes = 0", "idle_minutes must be from 1 to 120"),
        ("session_hours = 25", "session_hours must be from 1 to 24"),
        ('origin = "b.example"', "origin must be like"),
        ('origin = "ftp://b.example"', "origin must be like"),
        ('origin = "https://b.example/app"', "origin must be like"),
        ("proxies = ", "config.toml: "),
    ],
)
def test_a_setting_that_cannot_work_is_refused_in_one_line(instance, text, says):
    with pytest.raises(NotConfigured) as refused:
        config.load(written(instance, text), {})
    assert says in str(refused.value) and "\n" not in str(refused.value)


@pytest.mark.parametrize("name, value", [("DEMO", "perhaps"), ("PROXIES", "many"), ("IDLE_MINUTES", "")])
def test_a_mistake_in_the_environment_names_the_variable(instance, name, value):
    with pytest.raises(NotConfigured, match=f"SCREENING_{name}"):
        config.load(instance, {f"SCREENING_{name}": value})


def test_a_file_in_another_encoding_is_refused(instance):
    (instance / "config.toml").write_bytes("origin = 'æ'".encode("latin-1"))
    with pytest.raises(NotConfigured, match=r"config\.toml"):
        config.load(instance, {})


def test_the_cookie_secret_is_made_once_for_its_owner_alone(instance):
    settings = config.load(instance, {})
    secret = config.cookie_secret(settings)
    assert len(secret) == 32 and config.cookie_secret(settings) == secret
    assert settings.cookie_key_path.stat().st_mode & 0o777 == 0o600


def test_a_cookie_secret_that_is_no_secret_is_refused(instance):
    settings = config.load(instance, {})
    config.cookie_secret(settings)
    os.chmod(settings.cookie_key_path, 0o644)
    with pytest.raises(NotConfigured, match="chmod 600"):
        config.cookie_secret(settings)
    os.chmod(settings.cookie_key_path, 0o600)
    settings.cookie_key_path.write_bytes(b"short")
    with pytest.raises(NotConfigured, match="too short"):
        config.cookie_secret(settings)


def test_a_cookie_secret_that_cannot_be_written_is_refused(tmp_path):
    with pytest.raises(NotConfigured, match="cannot be written"):
        config.cookie_secret(config.load(tmp_path / "nowhere", {}))


def test_every_setting_is_explained_with_its_default():
    text = config.explain()
    for one in fields(Settings):
        assert f"{one.name} = " in text and one.metadata["meaning"] in text
    assert "demo = false" in text and "keys_command = []" in text and 'database = "screening.db"' in text
