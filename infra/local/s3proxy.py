"""S3Proxy for tests: a Java server with the Amazon S3 protocol that stores its buckets as folders."""

from __future__ import annotations

import socket
from pathlib import Path

from infra.local.jars import s3_jars, tool
from infra.local.process import ManagedProcess, free_port


class S3Proxy:
    """A server process on a free loopback port; its buckets persist in `directory` across restarts."""

    access_key = "local"
    secret_key = "local-secret"  # noqa: S105 - of a local test server

    def __init__(self, directory: Path, bucket: str) -> None:
        """Prepare the command without starting it. Raises MissingToolError without Java or Maven."""
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
        """Start the server and wait until it accepts connections; its bucket exists then."""
        (self._data / self.bucket).mkdir(parents=True, exist_ok=True)
        settings = {
            "s3proxy.endpoint": self.endpoint,
            "s3proxy.authorization": "aws-v2-or-v4",
            "s3proxy.identity": self.access_key,
            "s3proxy.credential": self.secret_key,
            "s3proxy.ignore-unknown-headers": "true",  # a checksum header of deletions
            "jclouds.provider": "filesystem-nio2",
            "jclouds.identity": self.access_key,
            "jclouds.credential": self.secret_key,
            "jclouds.filesystem.basedir": str(self._data),
        }
        self._properties.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))
        self.process.start()
        self.process.wait_until(self._listens, timeout=timeout)

    def stop(self) -> None:
        """Stop the server and wait until its process has ended."""
        self.process.stop(5.0)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self.port)) == 0
