"""Who holds the keys: a folder of files, or a command in front of anything else, such as an HSM.

Both answer the same questions and pass the same tests. They wrap data keys (AES-256-GCM), open what tablets
sealed (HPKE base mode: P-256, HKDF-SHA-256, AES-256-GCM), and sign receipts (ECDSA P-256) and the list of
the municipality's public keys (Ed25519). No private key leaves a provider.
"""

import base64
import errno
import hashlib
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from screening.errors import KeysClosed, Unreadable

SUITE = Suite(KEM.P256, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
NONCE = 12
SECONDS = 5
# The order n of P-256 (SEC 2, section 2.4.2).
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

Answer = TypeVar("Answer")

NO_FIT = "Det gemte passer ikke til sin nøgle og kan ikke læses. Intet er slettet. Sig det til driften."


class KeyProvider(Protocol):
    """What the store asks of whoever holds the keys.

    All raise KeysClosed when the keys do not answer (try again later), and Unreadable when they do and
    what was given does not open under them: damaged, of another place, or under a key that is not there.
    """

    def wrap(self, dek: bytes, aad: bytes) -> tuple[str, bytes]:
        """Wrap a data key under the newest key-encryption key; gives that key's id and the blob."""

    def unwrap(self, kek_id: str, blob: bytes, aad: bytes) -> bytes:
        """The data key again; ``aad`` must be what it was wrapped with."""

    def municipality_keys(self) -> list[dict[str, Any]]:
        """The keys tablets seal to, newest first: ``kid`` (16 hex) and ``public`` (65 bytes, uncompressed)."""

    def hpke_open(self, kid: str, enc_and_ct: bytes, info: bytes) -> bytes:
        """What a tablet sealed to one of those keys."""

    def sign_receipt(self, message: bytes) -> bytes:
        """An ECDSA P-256 SHA-256 signature, r and s of 32 bytes each, s the lower of its two values."""

    def receipt_public(self) -> bytes:
        """The public key of receipts: 65 bytes, uncompressed."""

    def root_public(self) -> bytes:
        """The public key of the root: 32 bytes, Ed25519."""

    def sign_root(self, message: bytes) -> bytes:
        """An Ed25519 signature by the root."""


class FileKeys:
    """Keys in a folder of their own (0700, each file 0400), made whole on first use and never overwritten.

    ``kek-N.key`` and ``municipality-N.pem`` may be several: the highest number is the newest.
    """

    def __init__(self, folder: Path | str):
        self.folder = Path(folder)
        if not self.folder.exists() or not any(self.folder.iterdir()):
            make_whole(self.folder)
        refuse_open_to_others(self.folder)
        self._keks = {path.stem: key_file(path) for path in self._files("kek-*.key")}
        municipality = [p256(path) for path in self._files("municipality-*.pem")]
        self._municipality = {key_id(public_bytes(private)): private for private in municipality}
        self._receipt = p256(self._files("receipt.pem")[0])
        self._root = ed25519_key(self._files("root.pem")[0])

    def _files(self, pattern: str) -> list[Path]:
        """The files of a kind, newest first. A new one in place of a lost one would open nothing, so none is made."""
        found = sorted(self.folder.glob(pattern), reverse=True)
        if not found:
            raise KeysClosed(f"{self.folder} lacks {pattern}; put it back from where the keys are kept safe")
        for path in found:
            refuse_open_to_others(path)
        return found

    def wrap(self, dek: bytes, aad: bytes) -> tuple[str, bytes]:
        kek_id, kek = next(iter(self._keks.items()))
        nonce = secrets.token_bytes(NONCE)
        return kek_id, nonce + AESGCM(kek).encrypt(nonce, dek, wrapped_for(kek_id, aad))

    def unwrap(self, kek_id: str, blob: bytes, aad: bytes) -> bytes:
        kek = self._keks.get(kek_id)
        if kek is None:
            raise Unreadable(NO_FIT)
        try:
            return AESGCM(kek).decrypt(blob[:NONCE], blob[NONCE:], wrapped_for(kek_id, aad))
        except (InvalidTag, ValueError) as error:
            raise Unreadable(NO_FIT) from error

    def municipality_keys(self) -> list[dict[str, Any]]:
        return [{"kid": kid, "public": public_bytes(private)} for kid, private in self._municipality.items()]

    def hpke_open(self, kid: str, enc_and_ct: bytes, info: bytes) -> bytes:
        private = self._municipality.get(kid)
        if private is None:
            raise Unreadable(NO_FIT)
        try:
            return SUITE.decrypt(enc_and_ct, private, info=info)
        except (InvalidTag, ValueError) as error:
            raise Unreadable(NO_FIT) from error

    def sign_receipt(self, message: bytes) -> bytes:
        return signature(self._receipt, message)

    def receipt_public(self) -> bytes:
        return public_bytes(self._receipt)

    def root_public(self) -> bytes:
        return self._root.public_key().public_bytes_raw()

    def sign_root(self, message: bytes) -> bytes:
        return self._root.sign(message)


class CommandKeys:
    """Keys behind a program: started for each question, JSON in and out, closed whenever it does not answer well.

    The program gets one line of JSON on its standard input, ``{"verb": …}`` with bytes as base64, and writes
    one object to its standard output: ``{"result": …}``, or ``{"unreadable": true}`` for what does not open.
    Any exit status but 0, any other answer, or no answer in five seconds means closed. What it writes to its
    standard error goes to the operator's log and nowhere else.
    """

    def __init__(self, argv: Sequence[str], seconds: float = SECONDS):
        self.argv = list(argv)
        self.seconds = seconds
        self._municipality = self._ask("municipality_keys", read_keys)
        self._receipt_public = self._ask("receipt_public", raw)
        self._root_public = self._ask("root_public", raw)

    def wrap(self, dek: bytes, aad: bytes) -> tuple[str, bytes]:
        return self._ask("wrap", read_wrapped, dek=dek, aad=aad)

    def unwrap(self, kek_id: str, blob: bytes, aad: bytes) -> bytes:
        return self._ask("unwrap", raw, kek_id=kek_id, blob=blob, aad=aad)

    def municipality_keys(self) -> list[dict[str, Any]]:
        return [dict(one) for one in self._municipality]

    def hpke_open(self, kid: str, enc_and_ct: bytes, info: bytes) -> bytes:
        return self._ask("hpke_open", raw, kid=kid, enc_and_ct=enc_and_ct, info=info)

    def sign_receipt(self, message: bytes) -> bytes:
        return self._ask("sign_receipt", raw, message=message)

    def receipt_public(self) -> bytes:
        return self._receipt_public

    def root_public(self) -> bytes:
        return self._root_public

    def sign_root(self, message: bytes) -> bytes:
        return self._ask("sign_root", raw, message=message)

    def _ask(self, verb: str, read: Callable[[Any], Answer], **values: str | bytes) -> Answer:
        """The program's result for a question, as ``read`` has it. Raises KeysClosed or Unreadable."""
        question = {name: text(value) if isinstance(value, bytes) else value for name, value in values.items()}
        answer = self._run(json.dumps({"verb": verb} | question) + "\n")
        if answer == {"unreadable": True}:
            raise Unreadable(NO_FIT)
        try:
            return read(answer["result"])
        except (KeyError, TypeError, ValueError) as error:
            raise KeysClosed(f"{self.argv[0]} answered {verb} with something else than its result") from error

    def _run(self, question: str) -> Any:
        try:
            done = subprocess.run(  # noqa: S603 - the operator's own program, as a list, without a shell
                self.argv, input=question.encode(), stdout=subprocess.PIPE, timeout=self.seconds, check=True
            )
            return json.loads(done.stdout)
        except subprocess.TimeoutExpired as error:
            raise KeysClosed(f"{self.argv[0]} gave no answer in {self.seconds} seconds") from error
        except subprocess.CalledProcessError as error:
            raise KeysClosed(f"{self.argv[0]} ended with status {error.returncode}") from error
        except OSError as error:
            raise KeysClosed(f"{self.argv[0]} cannot be started: {error.strerror}") from error
        except ValueError as error:
            raise KeysClosed(f"{self.argv[0]} answered with something else than JSON") from error


def signature(private: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """An ECDSA SHA-256 signature of a P-256 key: r and s, 32 bytes each, s the lower of its two values."""
    r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")


def has_low_s(signed: bytes) -> bool:
    """Whether a signature is the lower of its two: anybody can turn (r, s) into (r, n - s), which holds as well."""
    return 2 * int.from_bytes(signed[32:], "big") < ORDER


def wrapped_for(kek_id: str, aad: bytes) -> bytes:
    """What a wrapped key is bound to besides the caller's own words: the key that wraps it."""
    return b"screening wrap 1\n" + kek_id.encode() + b"\n" + aad


def key_id(public: bytes) -> str:
    """The name of a municipality key: the first 8 bytes of its SHA-256, as hex."""
    return hashlib.sha256(public).hexdigest()[:16]


def public_bytes(private: ec.EllipticCurvePrivateKey) -> bytes:
    """65 bytes, uncompressed, as WebCrypto's raw format has it."""
    return private.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)


def make_whole(folder: Path) -> None:
    """Make a folder with one key of each kind, on disk whole before it bears its name; of two who try, one wins."""
    draft = folder.with_name(f".{folder.name}.{secrets.token_hex(8)}")
    try:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft.mkdir(mode=0o700)
        for name, content in new_keys().items():
            write(draft / name, content)
        flush_folder(draft)
        try:
            draft.rename(folder)
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            shutil.rmtree(draft)  # another process was first; its keys are read
        flush_folder(folder.parent)
    except OSError as error:
        raise KeysClosed(f"{folder} cannot be made: {error.strerror}") from error


def new_keys() -> dict[str, bytes]:
    """A first key of each kind, by file name."""
    return {
        "kek-0001.key": base64.b64encode(secrets.token_bytes(32)) + b"\n",
        "municipality-0001.pem": pem(ec.generate_private_key(ec.SECP256R1())),
        "receipt.pem": pem(ec.generate_private_key(ec.SECP256R1())),
        "root.pem": pem(ed25519.Ed25519PrivateKey.generate()),
    }


def write(path: Path, content: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def refuse_open_to_others(path: Path) -> None:
    """Raise KeysClosed unless a file or folder is the running user's and nobody else can read it."""
    found = path.stat()
    if found.st_mode & 0o077:
        raise KeysClosed(f"{path} can be read by others; chmod go= makes it safe")
    if found.st_uid != os.geteuid():
        raise KeysClosed(f"{path} belongs to another user than the one that runs the program")


def pem(private: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def key_file(path: Path) -> bytes:
    """The 32 bytes of a key-encryption key's file. Raises KeysClosed when it holds something else."""
    try:
        key = raw(path.read_text(encoding="ascii").strip())
    except (OSError, ValueError) as error:
        raise KeysClosed(f"{path} cannot be read as a key") from error
    if len(key) != 32:
        raise KeysClosed(f"{path} cannot be read as a key")
    return key


def p256(path: Path) -> ec.EllipticCurvePrivateKey:
    found = private_key(path)
    if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name != "secp256r1":
        raise KeysClosed(f"{path} holds another kind of key")
    return found


def ed25519_key(path: Path) -> ed25519.Ed25519PrivateKey:
    found = private_key(path)
    if not isinstance(found, ed25519.Ed25519PrivateKey):
        raise KeysClosed(f"{path} holds another kind of key")
    return found


def private_key(path: Path) -> Any:
    """The private key of a PEM file. Raises KeysClosed when it cannot be read as one."""
    try:
        return serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise KeysClosed(f"{path} cannot be read as a key") from error


def text(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def raw(value: str) -> bytes:
    """Bytes from base64. Raises TypeError or ValueError for anything else."""
    return base64.b64decode(value, validate=True)


def read_keys(answer: list[dict[str, str]]) -> list[dict[str, Any]]:
    return [{"kid": one["kid"], "public": raw(one["public"])} for one in answer]


def read_wrapped(answer: dict[str, str]) -> tuple[str, bytes]:
    return answer["kek_id"], raw(answer["blob"])
