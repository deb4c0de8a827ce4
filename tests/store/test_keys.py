"""One set of tests for whoever holds the keys, then what belongs to a folder or to a command alone."""

import hashlib
import sys
import threading
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from screening import schema
from screening.errors import KeysClosed, Unreadable
from screening.store import NotOpened, open_store
from screening.store.keys import SUITE, CommandKeys, FileKeys

PROGRAM = Path(__file__).parent / "key_command.py"
DEK = bytes(range(32))


def command(folder: Path) -> list[str]:
    """The test program as an operator's argument list."""
    return [sys.executable, "-I", str(PROGRAM), str(folder)]


@pytest.fixture(scope="module", params=["file", "command"])
def provider(request, tmp_path_factory):
    held = FileKeys(tmp_path_factory.mktemp("held") / "keys")
    return held if request.param == "file" else CommandKeys(command(held.folder))


# ── both ──


def test_a_data_key_comes_back_as_it_was_wrapped(provider):
    kek_id, blob = provider.wrap(DEK, b"subject 1")
    assert provider.unwrap(kek_id, blob, b"subject 1") == DEK
    assert DEK not in blob


def test_wrapping_twice_never_gives_the_same(provider):
    assert provider.wrap(DEK, b"a")[1] != provider.wrap(DEK, b"a")[1]


def test_a_wrapped_key_opens_for_nothing_else(provider):
    kek_id, blob = provider.wrap(DEK, b"subject 1")
    flipped = blob[:20] + bytes([blob[20] ^ 1]) + blob[21:]
    for wrong in ((kek_id, blob, b"subject 2"), (kek_id, flipped, b"subject 1"), (kek_id, b"", b"subject 1"),
                  (kek_id, blob[:-1], b"subject 1"), ("kek-9999", blob, b"subject 1")):  # fmt: skip
        with pytest.raises(Unreadable):
            provider.unwrap(*wrong)


def test_the_municipalitys_keys_are_named_after_themselves(provider):
    for key in provider.municipality_keys():
        assert len(key["public"]) == 65 and key["public"][0] == 4
        assert key["kid"] == hashlib.sha256(key["public"]).hexdigest()[:16]
    assert provider.municipality_keys() == provider.municipality_keys() != []


def test_what_was_sealed_to_the_municipality_opens(provider):
    key = provider.municipality_keys()[0]
    assert provider.hpke_open(key["kid"], sealed_to(key, b"said", b"header"), b"header") == b"said"


def test_what_was_sealed_otherwise_does_not_open(provider):
    key = provider.municipality_keys()[0]
    blob = sealed_to(key, b"said", b"header")
    flipped = blob[:-1] + bytes([blob[-1] ^ 1])
    bad_point = b"\x04" + bytes(64) + blob[65:]
    for kid, ct, info in ((key["kid"], blob, b"other"), (key["kid"], flipped, b"header"), ("0" * 16, blob, b"header"),
                          (key["kid"], b"", b"header"), (key["kid"], blob[:70], b"header"),
                          (key["kid"], bad_point, b"header")):  # fmt: skip
        with pytest.raises(Unreadable):
            provider.hpke_open(kid, ct, info)


def test_a_receipt_is_signed_by_the_key_that_is_shown(provider):
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), provider.receipt_public())
    signature = provider.sign_receipt(b"receipt")
    assert len(signature) == 64
    der = encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))
    public.verify(der, b"receipt", ec.ECDSA(hashes.SHA256()))
    with pytest.raises(InvalidSignature):
        public.verify(der, b"another", ec.ECDSA(hashes.SHA256()))


def test_the_root_signs_with_the_key_that_is_shown(provider):
    public = ed25519.Ed25519PublicKey.from_public_bytes(provider.root_public())
    public.verify(provider.sign_root(b"keys"), b"keys")
    with pytest.raises(InvalidSignature):
        public.verify(provider.sign_root(b"keys"), b"other keys")


def test_a_store_stands_on_either(provider, now):
    store = open_store(":memory:", provider, schema.HISTORY)
    store.new_data_key("k", now)
    store.add("families", id="f", team="t", sealed_for="k", details_sealed={"said": "x"}, created_at="t")
    row = store.row("SELECT * FROM families")
    assert store.opened("families", row, "details_sealed") == {"said": "x"}


def test_a_folder_and_a_command_on_the_same_keys_understand_each_other(tmp_path):
    folder = FileKeys(tmp_path / "keys")
    program = CommandKeys(command(folder.folder))
    assert program.municipality_keys() == folder.municipality_keys()
    assert program.receipt_public() == folder.receipt_public() and program.root_public() == folder.root_public()
    assert program.unwrap(*folder.wrap(DEK, b"a"), b"a") == DEK
    assert folder.unwrap(*program.wrap(DEK, b"a"), b"a") == DEK


def sealed_to(key: dict, plain: bytes, info: bytes) -> bytes:
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key["public"])
    return SUITE.encrypt(plain, public, info=info)


# ── a folder ──


def test_a_folder_and_its_files_are_made_for_their_owner_alone(tmp_path):
    FileKeys(tmp_path / "deep" / "keys")
    assert (tmp_path / "deep" / "keys").stat().st_mode & 0o777 == 0o700
    files = sorted((tmp_path / "deep" / "keys").iterdir())
    assert [path.name for path in files] == ["kek-0001.key", "municipality-0001.pem", "receipt.pem", "root.pem"]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o400}
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["keys"]


def test_keys_are_the_same_at_the_next_start(tmp_path):
    first, second = FileKeys(tmp_path / "keys"), FileKeys(tmp_path / "keys")
    assert first.municipality_keys() == second.municipality_keys()
    assert first.receipt_public() == second.receipt_public() and first.root_public() == second.root_public()
    assert second.unwrap(*first.wrap(DEK, b"a"), b"a") == DEK


def test_of_many_who_make_the_keys_at_once_one_wins_and_all_read_the_same(tmp_path):
    made: list[bytes] = []
    ready = threading.Barrier(6)

    def start() -> None:
        ready.wait(10)
        made.append(FileKeys(tmp_path / "keys").receipt_public())

    threads = [threading.Thread(target=start) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6 and len(set(made)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_newer_keys_are_used_and_older_ones_still_open(tmp_path):
    old = FileKeys(tmp_path / "keys")
    wrapped, key = old.wrap(DEK, b"a"), old.municipality_keys()[0]
    other = FileKeys(tmp_path / "other").folder
    for kind in ("kek-{}.key", "municipality-{}.pem"):
        (other / kind.format("0001")).rename(tmp_path / "keys" / kind.format("0002"))
    new = FileKeys(tmp_path / "keys")
    assert new.wrap(DEK, b"a")[0] == "kek-0002"
    assert new.unwrap(*wrapped, b"a") == DEK
    assert [one["kid"] for one in new.municipality_keys()][1] == key["kid"]
    assert new.hpke_open(key["kid"], sealed_to(key, b"said", b""), b"") == b"said"


@pytest.mark.parametrize("name", ["", "kek-0001.key", "municipality-0001.pem", "receipt.pem", "root.pem"])
def test_keys_that_others_can_read_are_refused(tmp_path, name):
    folder = FileKeys(tmp_path / "keys").folder
    (folder / name).chmod(0o750 if not name else 0o440)
    with pytest.raises(KeysClosed) as closed:
        FileKeys(folder)
    assert "can be read by others" in closed.value.reason and name in closed.value.reason


@pytest.mark.parametrize("name", ["kek-0001.key", "municipality-0001.pem", "receipt.pem", "root.pem"])
def test_a_lost_or_damaged_key_is_named_and_no_new_one_takes_its_place(tmp_path, name):
    folder = FileKeys(tmp_path / "keys").folder
    content = (folder / name).read_bytes()
    (folder / name).unlink()
    with pytest.raises(KeysClosed) as closed:
        FileKeys(folder)
    assert name.replace("0001", "*") in closed.value.reason and not (folder / name).exists()
    (folder / name).write_bytes(content[:10])
    (folder / name).chmod(0o400)
    with pytest.raises(KeysClosed) as closed:
        FileKeys(folder)
    assert name in closed.value.reason and content[:10].decode() not in closed.value.reason


def test_a_key_of_another_kind_is_refused(tmp_path):
    folder = FileKeys(tmp_path / "keys").folder
    (folder / "root.pem").rename(tmp_path / "kept")
    (folder / "receipt.pem").rename(folder / "root.pem")
    (tmp_path / "kept").rename(folder / "receipt.pem")
    with pytest.raises(KeysClosed) as closed:
        FileKeys(folder)
    assert "another kind" in closed.value.reason


# ── a command ──


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


@pytest.mark.parametrize(
    "argv, reason",
    [
        (["/nonexistent/hsm"], "cannot be started"),
        (shell("cat > /dev/null; exit 3"), "ended with status 3"),
        (shell('cat > /dev/null; echo \'{"result": "AAAA"}\'; exit 1'), "ended with status 1"),
        (shell("cat > /dev/null; echo hello"), "else than JSON"),
        (shell("cat > /dev/null"), "else than JSON"),
        (shell("cat > /dev/null; echo '[]'"), "else than its result"),
        (shell("cat > /dev/null; echo '{\"result\": 7}'"), "else than its result"),
        (shell("cat > /dev/null; echo '{\"result\": [{}]}'"), "else than its result"),
        (shell('cat > /dev/null; echo \'{"result": ["x"]}\''), "else than its result"),
        (shell('cat > /dev/null; echo \'{"result": [{"kid": "a", "public": "-"}]}\''), "else than its result"),
    ],
)
def test_a_command_that_does_not_answer_well_is_closed(argv, reason):
    with pytest.raises(KeysClosed) as closed:
        CommandKeys(argv)
    assert reason in closed.value.reason


def test_a_command_that_hangs_is_closed():
    with pytest.raises(KeysClosed) as closed:
        CommandKeys(shell("exec tail -f /dev/null"), seconds=0.2)
    assert "no answer in 0.2 seconds" in closed.value.reason


def test_a_command_that_dies_later_closes_reading_and_opens_again(tmp_path, now):
    folder = tmp_path / "keys"
    FileKeys(folder)
    keys = CommandKeys(command(folder))
    store = open_store(":memory:", keys, schema.HISTORY)
    store.new_data_key("k", now)
    store.add("families", id="f", team="t", sealed_for="k", details_sealed=["said"], created_at="t")
    row = store.row("SELECT * FROM families")
    store._open_keys.clear()
    alive, keys.argv = keys.argv, ["/bin/false"]
    with pytest.raises(KeysClosed):
        store.opened("families", row, "details_sealed")
    keys.argv = alive
    assert store.opened("families", row, "details_sealed") == ["said"]


def test_no_shell_reads_the_arguments(tmp_path):
    with pytest.raises(KeysClosed):
        CommandKeys(["/bin/echo", f"$(touch {tmp_path}/made)", ";", "touch", f"{tmp_path}/made"])
    assert not (tmp_path / "made").exists()


def test_a_key_itself_is_on_no_command_line(tmp_path):
    """Other users of the machine can read arguments; what is asked goes through standard input."""
    seen = tmp_path / "seen"
    with pytest.raises(KeysClosed):
        CommandKeys(shell(f"cat > {seen}; tr '\\0' ' ' < /proc/$$/cmdline >> {seen}; exit 1"))
    assert '{"verb": "municipality_keys"}' in seen.read_text()


def test_a_database_of_other_keys_is_refused_behind_a_command_too(tmp_path, keys, now):
    made = open_store(tmp_path / "s.db", keys, schema.HISTORY)
    made.new_data_key("k", now)
    made.close()
    FileKeys(tmp_path / "other")
    with pytest.raises(NotOpened):
        open_store(tmp_path / "s.db", CommandKeys(command(tmp_path / "other")), schema.HISTORY)
