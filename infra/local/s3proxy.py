"""S3Proxy: a server with the protocol of Amazon S3, a Java process that stores its buckets as folders. For tests."""

from __future__ import annotations

import socket
from pathlib import Path

from infra.local.jars import s3_jars, tool
from infra.local.process import ManagedProcess, free_port


class S3Proxy:
    """A server on a loopback port of its own; its buckets stay in `directory` for the next start."""

    access_key = "local"
    secret_key = "local-secret"  # noqa: S105 - of a server on this machine

    def __init__(self, directory: Path, bucket: str) -> None:
        """Nothing runs yet. Raises MissingToolError without Java or Maven."""
        self.port = free_port()
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.bucket = bucket
        self._data = directory.absolute() / "buckets"
        self._properties = directory.absolute() / "s3proxy.properties"
        classpath = str(s3_jars() / "*")
        command = [tool("java"), "-Xmx256m", "-cp", classpath, "org.gaul.s3proxy.Main"]
        command += ["--properties", str(self._properties)]
        self.process = ManagedProcess(command, log_path=directory / "s3proxy.log", directory=directory)

    def start(self, timeout: float = 60.0) -> None:
        """It takes connections, and its bucket exists."""
        (self._data / self.bucket).mkdir(parents=True, exist_ok=True)
        settings = {
            "s3proxy.endpoint": self.endpoint,
            "s3proxy.authorization": "aws-v2-or-v4",
            "s3proxy.identity": self.access_key,
            "s3proxy.credential": self.secret_key,
            "s3proxy.ignore-unknown-headers": "true",  # obstore sends a checksum with deletions that it does not know
            "jclouds.provider": "filesystem-nio2",
            "jclouds.identity": self.access_key,
            "jclouds.credential": self.secret_key,
            "jclouds.filesystem.basedir": str(self._data),
        }
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.process.start()
        self.process.wait_until(self._listens, timeout=timeout)

    def stop(self) -> None:
        """It has ended."""
        self.process.stop(5.0)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
