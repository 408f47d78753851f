"""Apache Kafka's jars, resolved once by Maven from the pom beside this module and kept in the user's cache folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_POM = Path(__file__).with_name("kafka-pom.xml")


class MissingToolError(RuntimeError):
    """A program that Apache Kafka needs is not installed; the message says which and how to get it."""


def tool(name: str) -> str:
    """The path of `java` or `mvn`. Raises MissingToolError that says what to install."""
    found = shutil.which(name)
    if found is None:
        package = {"java": "openjdk-17-jre-headless", "mvn": "maven"}[name]
        brew = {"java": "openjdk@17", "mvn": "maven"}[name]
        raise MissingToolError(
            f"Apache Kafka needs `{name}`, which is not on PATH: apt-get install {package} (Debian) or "
            f"brew install {brew} (macOS); or use the embedded broker: --engine embedded"
        )
    return found


def kafka_version() -> str:
    """The version that the pom pins."""
    found = re.search(r"<kafka\.version>([^<]+)<", _POM.read_text())
    if found is None:
        raise ValueError(f"{_POM} names no kafka.version")
    return found[1]


def jars() -> Path:
    """The folder with the broker's jars: downloaded at the first call, afterwards only found again.

    Raises MissingToolError without Maven, RuntimeError with Maven's own words when it fails.
    """
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "xiaoneng" / "kafka-jars" / kafka_version()
    if not folder.is_dir():
        _resolve(folder)
    return folder


def _resolve(folder: Path) -> None:
    """The folder exists and is complete: it is filled under another name and renamed, so two callers cannot mix."""
    maven = tool("mvn")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "jars"
        command = [maven, "--batch-mode", "--quiet", "--file", str(_POM), "dependency:copy-dependencies"]
        command.append(f"-DoutputDirectory={target}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"Maven could not resolve Apache Kafka's jars:\n{done.stdout}{done.stderr}")
        try:
            target.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process was faster, with the same jars
                raise
