"""Exit codes of services and commands, and the one-line error message for each kind of fault.

The numbers follow BSD's sysexits(3). Exceptions of libraries are matched by name, so that no library is imported.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path

from pydantic import ValidationError

from infra.logs import describe


class Exit(IntEnum):
    """Exit codes of commands and services."""

    DONE = 0
    NO = 1
    """The command ran and its result is negative: something is lost, refused, stale or missing."""
    USAGE = 2
    """Unknown or missing arguments or options."""
    CONTENT = 65
    """The content of a file is invalid."""
    FILE = 66
    """A file is missing or cannot be read."""
    AWAY = 69
    """An engine or a service cannot be reached."""
    BROKEN = 70
    """An unexpected error: a bug in this program."""
    OUTPUT = 73
    """A file cannot be written."""
    TIMEOUT = 75
    """An engine or a service did not answer in time."""
    DENIED = 77
    """Authentication failed, or a required right is missing."""
    SETTING = 78
    """A setting is unknown, missing or malformed, or an address is malformed."""
    INTERRUPTED = 130
    CLOSED = 141
    """Whatever reads the output has gone, as a shell reports it of other programs."""


class Fault(Exception):
    """An error that ends the program with this exit code and message."""

    def __init__(self, code: Exit, line: str) -> None:
        super().__init__(line)
        self.code = code


_KINDS: tuple[tuple[str, Exit, str], ...] = (
    ("pymongo.errors.ConfigurationError", Exit.SETTING, "XN_MONGO_URI is malformed"),
    ("pymongo.errors.InvalidName", Exit.SETTING, "XN_MONGO_DATABASE is no name of a database"),
    ("pymongo.errors.NetworkTimeout", Exit.TIMEOUT, "MongoDB does not answer in time"),
    ("pymongo.errors.ExecutionTimeout", Exit.TIMEOUT, "MongoDB does not answer in time"),
    ("pymongo.errors.PyMongoError", Exit.AWAY, "MongoDB is away"),
    ("aiokafka.errors.AuthenticationFailedError", Exit.DENIED, "Kafka does not accept the log-in"),
    ("aiokafka.errors.SaslAuthenticationFailed", Exit.DENIED, "Kafka does not accept the log-in"),
    ("aiokafka.errors.AuthorizationError", Exit.DENIED, "Kafka allows no access"),
    ("aiokafka.errors.TopicAuthorizationFailedError", Exit.DENIED, "Kafka allows no access"),
    ("aiokafka.errors.GroupAuthorizationFailedError", Exit.DENIED, "Kafka allows no access"),
    ("aiokafka.errors.ClusterAuthorizationFailedError", Exit.DENIED, "Kafka allows no access"),
    ("aiokafka.errors.UnknownTopicOrPartitionError", Exit.AWAY, "a topic is missing: run `xn topics ensure`"),
    ("aiokafka.errors.KafkaTimeoutError", Exit.TIMEOUT, "Kafka does not answer in time"),
    ("aiokafka.errors.RequestTimedOutError", Exit.TIMEOUT, "Kafka does not answer in time"),
    ("aiokafka.errors.KafkaError", Exit.AWAY, "Kafka is away"),
    ("httpx.InvalidURL", Exit.SETTING, "the address is malformed"),
    ("httpx.UnsupportedProtocol", Exit.SETTING, "the address is malformed"),
    ("httpx.TimeoutException", Exit.TIMEOUT, "the service does not answer in time"),
    ("httpx.HTTPError", Exit.AWAY, "the service does not answer"),
    ("infra.place.NoFolderError", Exit.FILE, "the place cannot be read"),
    ("contracts.place_versions.PlaceError", Exit.CONTENT, "the place cannot be read"),
    ("infra.reference.NoPlaceError", Exit.FILE, "the place cannot be read"),
    ("infra.http.keys.KeysError", Exit.CONTENT, "the keys cannot be used"),
    ("infra.sealing.SealingError", Exit.SETTING, "a key is malformed"),
    ("infra.local.process.NotReadyError", Exit.AWAY, "an engine or service did not start"),
    ("infra.local.jars.MissingToolError", Exit.AWAY, "a tool is missing"),
    ("tomllib.TOMLDecodeError", Exit.CONTENT, "not TOML"),
    ("json.decoder.JSONDecodeError", Exit.CONTENT, "not JSON"),
    ("builtins.UnicodeDecodeError", Exit.CONTENT, "not UTF-8"),
    ("builtins.ModuleNotFoundError", Exit.AWAY, "a package is not installed"),
    ("builtins.TimeoutError", Exit.TIMEOUT, "no answer in time"),
    ("builtins.ConnectionError", Exit.AWAY, "cannot be reached"),
    ("socket.gaierror", Exit.SETTING, "the host is not known"),
    ("builtins.KeyboardInterrupt", Exit.INTERRUPTED, "interrupted"),
)
"""Exit code and message by exception class, subclasses before their base classes."""
_NOT_LOGGED_IN = frozenset({13, 18, 8000})
"""Codes of MongoDB: unauthorized, authentication failed, the same of a hosted one."""
_UNWRITABLE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG})
"""No space, no quota, a file system that is read only, a file that is too large."""
_LONGEST = 300
_TOPOLOGY = re.compile(r" \(configured timeouts|, Timeout: |, Topology Description")
_CREDENTIALS = re.compile(r"//[^\s/@]*@")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """What cannot be written in here ends the program with `OUTPUT`. `path` is named where the error names none."""
    try:
        yield
    except OSError as error:
        raise Fault(Exit.OUTPUT, f"{error.filename or path}: {error.strerror or type(error).__name__}") from None


def ending(error: BaseException) -> tuple[Exit, str]:
    """The exit code and the error line for an exception. The line contains no password and no traceback."""
    if isinstance(error, Fault):
        return error.code, one_line(str(error))
    if isinstance(error, ValidationError):
        return Exit.CONTENT, one_line(f"{error.title}: {'; '.join(_faults(error))}")
    if getattr(error, "code", None) in _NOT_LOGGED_IN and type(error).__module__.startswith("pymongo"):
        return Exit.DENIED, "MongoDB does not accept the log-in or allows no access"
    if isinstance(error, OSError) and error.errno in _UNWRITABLE:
        return Exit.OUTPUT, one_line(f"{error.filename or 'the output'}: {error.strerror}")
    if isinstance(error, OSError) and error.filename is not None:
        return (Exit.FILE, one_line(f"{error.filename}: {error.strerror or type(error).__name__}"))
    names = {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}
    for name, code, line in _KINDS:
        if name in names:
            return code, one_line(f"{line}: {error}" if str(error) else line)
    if isinstance(error, OSError):
        return Exit.AWAY, one_line(str(error) or type(error).__name__)
    return Exit.BROKEN, f"a fault of our own: {describe(error)}"


def of_group(error: BaseException) -> BaseException:
    """The first error of a group, or the error itself."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def one_line(text: str) -> str:
    """Put the text on one line, without credentials and the driver's topology description, and truncate it."""
    flat = _CREDENTIALS.sub("//…@", " ".join(_TOPOLOGY.split(text, maxsplit=1)[0].split()))
    return flat if len(flat) <= _LONGEST else flat[: _LONGEST - 1] + "…"


def _faults(error: ValidationError) -> Iterator[str]:
    for each in error.errors(include_url=False, include_input=False)[:5]:
        yield f"{'.'.join(str(part) for part in each['loc'])}: {each['msg']}"
