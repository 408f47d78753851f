"""Jars of Apache Kafka and of an S3 server, resolved once by Maven from the poms beside this module and cached."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

_POM = Path(__file__).with_name("kafka-pom.xml")
_S3_POM = Path(__file__).with_name("s3-pom.xml")


class MissingToolError(RuntimeError):
    """A program that the Java servers need is not installed; the message names it and how to get it."""


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
    """The version of Apache Kafka that its pom pins."""
    return _version(_POM)


def jars() -> Path:
    """The folder with the broker's jars: downloaded at the first call, afterwards only found again.

    Raises MissingToolError without Maven, RuntimeError with Maven's own words when it fails.
    """
    return _folder("kafka-jars", _POM)


def s3_jars() -> Path:
    """The jars of the S3 server."""
    return _folder("s3-jars", _S3_POM)


def _version(pom: Path) -> str:
    found = re.search(r"<(?:kafka|s3proxy)\.version>([^<]+)<", pom.read_text())
    if found is None:
        raise ValueError(f"{pom} pins no version")
    return found[1]


def _folder(name: str, pom: Path) -> Path:
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = caches / "xiaoneng" / name / _version(pom)
    if not folder.is_dir():
        _resolve(folder, pom)
    return folder


def _resolve(folder: Path, pom: Path) -> None:
    """The folder exists and is complete: it is filled under another name and renamed, so two callers cannot mix."""
    maven = tool("mvn")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        target = Path(scratch) / "jars"
        command = [maven, "--batch-mode", "--quiet", "--file", str(pom), "dependency:copy-dependencies"]
        command.append(f"-DoutputDirectory={target}")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"Maven could not resolve the jars of {pom.name}:\n{done.stdout}{done.stderr}")
        try:
            target.rename(folder)
        except OSError:
            if not folder.is_dir():  # otherwise another process was faster, with the same jars
                raise
