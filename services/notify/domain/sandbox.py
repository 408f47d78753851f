"""Where templates run: they name what is known, test it and go through lists; they reach nothing else.

What a template may be made of is listed, not what it may not: no arithmetic but sums, no calls but of the blocks of a
mail, no attributes but the fields of records, no loop in a loop, no block in a block, no text between others that is
itself a fact. So it ends soon, and grows with its facts and no faster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, Template, Undefined, nodes
from jinja2.filters import FILTERS as JINJA_FILTERS
from jinja2.runtime import LoopContext, Macro
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.tests import TESTS as JINJA_TESTS

from contracts.codes import Language
from services.notify.defaults import text
from services.notify.domain.facts import Absent

LONGEST = 200_000
"""Characters a part may have at most when it is filled."""
DEEPEST = 40
"""So many things of a template may stand in each other."""
FILTERS = ("capitalize", "default", "first", "join", "last", "length", "lower", "trim", "upper")
TESTS = ("defined", "number", "undefined")
LOOP = ("first", "index", "last", "length")
"""What a loop tells about itself."""
_MADE_OF = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.Name,
    nodes.If,
    nodes.For,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Add,
    nodes.Sub,
    nodes.Neg,
    nodes.Concat,
    nodes.Filter,
    nodes.Test,
    nodes.Call,
    nodes.Keyword,
    nodes.Getattr,
    nodes.Getitem,
    nodes.List,
    nodes.Tuple,
)


class TooLong(ValueError):
    """A part grew beyond what a notice can be."""


class Sandbox(ImmutableSandboxedEnvironment):
    """Nothing is reached through a value but the fields of records and the elements of lists."""

    def __init__(self, *, html: bool) -> None:
        super().__init__(
            autoescape=html, undefined=StrictUndefined, finalize=_showable, trim_blocks=True, lstrip_blocks=True
        )
        self.globals.clear()
        self.filters = {name: JINJA_FILTERS[name] for name in FILTERS} | {"lines": str.splitlines}
        self.tests = {name: JINJA_TESTS[name] for name in TESTS} | {"none": _is_none}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A field of a record, or what a loop tells about itself."""
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """A field of a record, or an element of a list."""
        if isinstance(obj, Mapping) and argument in obj:
            return obj[argument]
        if isinstance(obj, list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(obj=obj, name=argument)


@cache
def sandbox(language: Language, *, html: bool) -> Sandbox:
    """Where the templates of a language run; those of HTML have the blocks of a mail, and all values are escaped."""
    made = Sandbox(html=html)
    if html:
        blocks = made.from_string(text("blocks.html")).make_module({"language": language.value})
        made.globals.update({name: each for name, each in vars(blocks).items() if isinstance(each, Macro)})
    return made


@cache
def layout() -> Template:
    """The frame around the HTML of every notice."""
    return Sandbox(html=True).from_string(text("layout.html"))


def fill(template: Template, values: Mapping[str, Any]) -> str:
    """The template with its values. Raises `TooLong`, and whatever goes wrong in it."""
    pieces: list[str] = []
    length = 0
    for piece in template.generate(values):
        length += len(piece)
        if length > LONGEST:
            raise TooLong(f"more than {LONGEST} characters")
        pieces.append(piece)
    return "".join(pieces)


def foreign(tree: nodes.Template, environment: Sandbox) -> Iterator[tuple[int, str]]:
    """Everything in a template that it may not be made of: line and name."""
    waiting: list[tuple[nodes.Node, tuple[nodes.Node, ...]]] = [(tree, ())]
    while waiting:
        node, around = waiting.pop()
        if (name := _foreign(node, around, environment)) is not None:
            yield node.lineno, name
        elif len(around) == DEEPEST:
            yield node.lineno, "((((…"
        else:
            waiting += [(child, (*around, node)) for child in node.iter_child_nodes()]


def _foreign(node: nodes.Node, around: tuple[nodes.Node, ...], environment: Sandbox) -> str | None:
    match node:
        case nodes.For() if node.recursive or any(isinstance(each, nodes.For) for each in around):
            return "for … for"
        case nodes.Call():
            called = node.node.name if isinstance(node.node, nodes.Name) else "…"
            plain = node.dyn_args is None and node.dyn_kwargs is None
            inside = any(isinstance(each, nodes.Call) for each in around)
            return None if called in environment.globals and plain and not inside else f"{called}(…)"
        case nodes.Filter():
            joint = node.args[0] if node.name == "join" and node.args else nodes.Const("")
            return None if node.name in environment.filters and isinstance(joint, nodes.Const) else f"| {node.name}"
        case nodes.Test() if node.name not in environment.tests:
            return f"is {node.name}"
        case nodes.Getattr() if node.attr.startswith("_"):
            return f".{node.attr}"
        case nodes.Name(name="self"):
            return "self"
        case _:
            return None if isinstance(node, _MADE_OF) else type(node).__name__.lower()


def _showable(value: Any) -> Any:
    """Texts and numbers. Raises `TypeError` for what would be shown as it stands in memory."""
    if isinstance(value, Undefined | str | Macro) or (isinstance(value, int | float) and not isinstance(value, bool)):
        return value
    raise TypeError(f"a value of type {type(value).__name__} cannot be shown: test it, or go through it")


def _is_none(value: Any) -> bool:
    return value is None or isinstance(value, Absent)
