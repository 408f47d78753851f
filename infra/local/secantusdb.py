"""SecantusDB: a database with MongoDB's wire protocol on WiredTiger files, from the extra `embedded`.

GPL-2.0-only: it is started as a process of its own and spoken to over TCP, never imported.
"""

from __future__ import annotations

import shutil
import sysconfig
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from infra.local.process import ManagedProcess, free_port

_COMMAND = "secantusd-py"


def executable() -> Path:
    """The server's command. Raises FileNotFoundError that says what to install."""
    beside = Path(sysconfig.get_path("scripts")) / _COMMAND
    if beside.is_file():
        return beside
    if on_path := shutil.which(_COMMAND):
        return Path(on_path)
    raise FileNotFoundError("no SecantusDB here: pip install 'xiaoneng[embedded]', or set XN_MONGO_URI")


class SecantusDB:
    """A database on a loopback port of its own; its files stay in `directory` for the next start."""

    def __init__(
        self,
        directory: Path,
        port: int | None = None,
        sync_on_commit: bool = False,
        cache_size: str = "512M",
        standalone: bool = False,
    ) -> None:
        """Nothing runs yet.

        Without `sync_on_commit` single writes are several times faster, and a kill may lose acknowledged ones.
        `standalone` leaves out the oplog of a replica set, which only change streams and transactions need.
        """
        self.port = port or free_port()
        self.uri = f"mongodb://127.0.0.1:{self.port}/?directConnection=true"
        self.directory = directory.absolute()
        command = [str(executable()), "--host", "127.0.0.1", "--port", str(self.port)]
        command += ["--storage-path", str(self.directory / "data"), "--cache-size", cache_size]
        command += ["--log-level", "WARNING"]
        if sync_on_commit:
            command.append("--sync-on-commit")
        if standalone:
            command.append("--standalone")
        self.process = ManagedProcess(command, log_path=self.directory / "secantusdb.log", directory=self.directory)

    def launch(self) -> None:
        """Its process runs; it may not answer yet."""
        self.directory.mkdir(parents=True, exist_ok=True)
        self.process.start()

    def wait_ready(self, timeout: float = 30.0) -> None:
        """It answers a ping."""
        client: MongoClient[dict[str, Any]] = MongoClient(self.uri, serverSelectionTimeoutMS=500)
        with client:
            self.process.wait_until(lambda: _answers(client), timeout=timeout)

    def start(self) -> None:
        """It runs, with the documents of before, and answers."""
        self.launch()
        self.wait_ready()

    def stop(self) -> None:
        """It has ended in order."""
        self.process.stop(timeout=20.0)

    def kill(self) -> None:
        """It has ended at once."""
        self.process.kill()

    def restart(self) -> None:
        """It answers on the same port, with the documents of before."""
        self.stop()
        self.start()


def _answers(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    return True
