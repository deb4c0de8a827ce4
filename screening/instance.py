"""An instance folder's store, opened with whoever holds its keys."""

from screening.config import Settings
from screening.schema import HISTORY
from screening.store import Store, open_store
from screening.store.keys import CommandKeys, FileKeys


def opened(settings: Settings) -> Store:
    """The store of an instance, brought up to date. Raises KeysClosed when the keys do not answer."""
    command = settings.keys_command
    return open_store(
        settings.database_path, CommandKeys(command) if command else FileKeys(settings.keys_path), HISTORY
    )
