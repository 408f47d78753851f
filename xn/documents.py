"""`xn documents`: printed documents of cases and units, as notify prints them for the key that asks."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer

from contracts.codes import Language
from contracts.typed_codes import read_number
from infra.exits import Exit, Fault, writing

KEY_VARIABLE = "XN_API_KEY"
SECONDS = 60.0
STATUS = {401: Exit.DENIED, 403: Exit.DENIED, 408: Exit.TIMEOUT, 503: Exit.AWAY, 504: Exit.TIMEOUT}
"""Exit code by status; any other that is not 200 is an answer: no."""

app = typer.Typer(name="documents", no_args_is_help=True, help="The six documents (三表一单一书一卡) as HTML and PDF.")

Url = Annotated[str, typer.Option(envvar="XN_NOTIFY_URL", help="where notify is served")]


@app.callback()
def _describe() -> None:
    """Who may have a document, notify decides: XN_API_KEY holds the key of a unit."""


@app.command(name="print")
def print_(
    number: Annotated[str, typer.Argument(help="of the document, such as BC-20261123-000042-DJ1")] = "",
    unit: Annotated[str, typer.Option(help="its contact card, and the letters about it, instead of a number")] = "",
    out: Annotated[Path, typer.Option(help="folder for the files")] = Path("var/documents"),
    language: Annotated[Language, typer.Option(help="of the paper")] = Language.CHINESE,
    url: Url = "http://127.0.0.1:8084",
) -> None:
    """Print one document, or all that are about a unit, into a folder: each as HTML and as PDF."""
    if bool(number) == bool(unit):
        raise typer.BadParameter("name either a document or a unit", param_hint="NUMBER")
    with _notify(url) as client:
        numbers = [read_number(number)] if number else _numbers(client, unit)
        files = [file for each in numbers for file in _printed(client, each, language)]
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)
        for name, content in files:
            (out / name).write_bytes(content)
    for name, _ in files:
        print(out / name)


def _numbers(client: httpx.Client, unit: str) -> list[str]:
    """Of the documents about a unit."""
    listed = _got(client, f"/v1/units/{unit}/documents", {}).json()["documents"]
    return [each["number"] for each in listed]


def _printed(client: httpx.Client, number: str, language: Language) -> Iterator[tuple[str, bytes]]:
    for suffix in ("html", "pdf"):
        answer = _got(client, f"/v1/documents/{number}.{suffix}", {"language": language.value})
        yield f"{number}.{suffix}", answer.content


def _got(client: httpx.Client, path: str, query: dict[str, str]) -> httpx.Response:
    """The answer. Raises `Fault` for any other than 200, and `httpx.HTTPError`."""
    answer = client.get(path, params=query)
    if answer.status_code != 200:
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        code = STATUS.get(answer.status_code, Exit.NO)
        raise Fault(code, f"{path}: {answer.status_code} {problem.get('detail', '')}".rstrip())
    return answer


@contextmanager
def _notify(url: str) -> Iterator[httpx.Client]:
    """A client with the key of the environment, never of the command line. Raises `Fault` when there is none."""
    if not (key := os.environ.get(KEY_VARIABLE)):
        raise Fault(Exit.SETTING, f"set {KEY_VARIABLE}")
    with httpx.Client(base_url=url, headers={"X-API-Key": key}, timeout=SECONDS, trust_env=False) as client:
        yield client
