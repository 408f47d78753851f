"""Expressions of `documents.toml`: words, `or`, `if`, and a few ways to write a value. Nothing is called or computed.

Jinja2's sandbox with everything taken out that a form has no use for: what is left ends soon and reaches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from services.notify.printing.figures import Issuer

_ALLOWED = (
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
    nodes.Output,
    nodes.TemplateData,
    nodes.If,
)


class Expressions:
    """Evaluates them as one issuer writes values: by its clock and in its language."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._environment = environment(
            {"day": self._day, "moment": self._moment, "lines": _lines, "numbered": _numbered, "listed": self._listed},
            self._text,
        )

    def value(self, expression: str, words: Mapping[str, object]) -> str:
        """What stands in the box; nothing for what is not known. Raises `jinja2.TemplateError`."""
        if not expression.strip():
            return ""
        return self._text(self._environment.compile_expression(expression, undefined_to_none=False)(**words))

    def prose(self, text: str, words: Mapping[str, object]) -> str:
        """The text with its expressions replaced. Raises `jinja2.TemplateError`."""
        return self._environment.from_string(text).render(words)

    def _text(self, value: object) -> str:
        match value:
            case None:
                return ""
            case bool():
                return self._issuer.says("是", "yes") if value else self._issuer.says("否", "no")
            case datetime():
                return self._moment(value)
            case date():
                return self._day(value)
            case tuple():
                return self._listed(value)
            case _:
                return str(value)

    def _day(self, value: object) -> str:
        if isinstance(value, datetime):
            value = value.astimezone(self._issuer.zone).date()
        return self._issuer.day(value) if isinstance(value, date) else self._text(value)

    def _moment(self, value: object) -> str:
        if not isinstance(value, datetime):
            return self._text(value)
        local = value.astimezone(self._issuer.zone)
        return self._issuer.says(f"{self._day(value)}{local:%H:%M}", f"{self._day(value)}, {local:%H:%M}")

    def _listed(self, value: object) -> str:
        return self._issuer.says("、", ", ").join(_each(value))


def _each(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, tuple) else [str(value)] if value else []


def _lines(value: object) -> str:
    return "\n".join(_each(value))


def _numbered(value: object) -> str:
    return "\n".join(f"{n}. {each}" for n, each in enumerate(_each(value), 1))


FILTERS = ("day", "moment", "lines", "numbered", "listed")


def environment(
    filters: Mapping[str, Callable[..., Any]], written: Callable[[object], str] = str
) -> ImmutableSandboxedEnvironment:
    """A sandbox with these filters and nothing else; a word it does not know is an error."""
    made = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, finalize=written)
    made.globals.clear()
    made.tests.clear()
    made.filters.clear()
    made.filters.update(filters)
    return made


def faults_of(expression: str, words: Iterable[str]) -> list[tuple[str, str]]:
    """What is wrong with it, in Chinese and in English."""
    if not expression.strip():
        return []
    made = environment({})
    try:
        parser = Parser(made, expression, state="variable")
        tree = parser.parse_expression()
        whole = parser.stream.eos
    except TemplateSyntaxError as error:
        return [_unreadable(error)]
    return [*_faults(tree, frozenset(words))] if whole else [("表达式之后还有内容", "something follows the expression")]


def faults_of_prose(text: str, words: Iterable[str]) -> list[tuple[str, str]]:
    """The same for running text."""
    try:
        tree = environment({}).parse(text)
    except TemplateSyntaxError as error:
        return [_unreadable(error)]
    return [fault for part in tree.body for fault in _faults(part, frozenset(words))]


def _unreadable(error: TemplateSyntaxError) -> tuple[str, str]:
    return (f"表达式无法识别：{error.message}", f"cannot be read: {error.message}")


def _faults(tree: nodes.Node, words: frozenset[str]) -> Iterator[tuple[str, str]]:
    for node in (tree, *tree.find_all(nodes.Node)):
        if isinstance(node, nodes.Name) and node.name not in words:
            known = ", ".join(sorted(words))
            yield f"没有“{node.name}”：可用 {known}", f"'{node.name}' is not known: there are {known}"
        elif isinstance(node, nodes.Filter) and node.name not in FILTERS:
            known = ", ".join(FILTERS)
            yield f"没有过滤器“{node.name}”：可用 {known}", f"no filter '{node.name}': there are {known}"
        elif not isinstance(node, _ALLOWED):
            kind = type(node).__name__.lower()
            yield f"不允许“{kind}”：只能写变量、or、if", f"'{kind}' is not allowed: write words, `or` and `if`"
