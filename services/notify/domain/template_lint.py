"""What is wrong with the words of an occasion, before anybody is told anything: every flaw, with its line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from jinja2 import TemplateSyntaxError, meta, nodes
from pydantic import ValidationError

from contracts.codes import Language
from contracts.template_tables import TemplateText
from services.notify.domain.sandbox import Sandbox, foreign, sandbox
from services.notify.domain.vocabulary import names

TEMPLATE = "<template>"
"""How the engine names the file of a template in a traceback."""


@dataclass(frozen=True, slots=True)
class Flaw:
    """Something to mend in a template."""

    what: str
    language: str
    part: str
    """Such as ``text`` or ``sms_parameters.number``; empty: the whole table."""
    line: int
    """Within the part, from 1; 0 where there is none."""
    zh: str
    en: str

    def __str__(self) -> str:
        where = ".".join(filter(None, (self.what, self.language, self.part)))
        return f"{where}{f', line {self.line}' if self.line else ''}: {self.en}"


def parts(words: TemplateText) -> Iterator[tuple[str, str]]:
    """Every template among the words by its part."""
    for part in ("subject", "text", "html", "sms"):
        if (source := getattr(words, part)) is not None:
            yield part, source
    for name, source in words.sms_parameters.items():
        yield f"sms_parameters.{name}", source


def flaws_of(what: str, language: Language, words: TemplateText) -> Iterator[Flaw]:
    """What can be seen without filling them: syntax, what nobody knows, what a template may not be made of."""
    for part, source in parts(words):
        environment = sandbox(language, html=part == "html")
        try:
            tree = environment.parse(source)
        except TemplateSyntaxError as error:
            yield Flaw(
                what, language, part, error.lineno, f"语法有误：请看这一行（{error}）", f"is no template: {error}"
            )
        except RecursionError:
            yield Flaw(what, language, part, 1, "嵌套太深：请写得简单些", "is nested too deeply: write it simpler")
        else:
            strange = list(_foreign(what, language, part, tree, environment))
            yield from strange or _unknown(what, language, part, tree, environment)
    if words.sms_parameters and words.sms_template is None:
        yield Flaw(
            what,
            language,
            "sms_parameters",
            0,
            "没有 sms_template：请补上模板编号，或删去参数",
            "has no sms_template: add its id, or remove the parameters",
        )


def misfits(error: ValidationError) -> Iterator[Flaw]:
    """What does not fit the table's model."""
    for each in error.errors(include_url=False, include_input=False):
        what, language, *rest = [*map(str, each["loc"]), "", ""]
        part = ".".join(filter(None, rest))
        yield Flaw(what, language, part, 0, f"不符合要求：{each['msg']}", f"does not fit: {each['msg']}")


def failure(what: str, language: Language, part: str, error: Exception) -> Flaw:
    """What went wrong while a template was filled. Names no value."""
    line = 0
    traceback = error.__traceback__
    while traceback is not None and not line:
        if traceback.tb_frame.f_code.co_filename == TEMPLATE:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return Flaw(
        what,
        language,
        part,
        line,
        f"填写时出错：可能缺省的变量要先用 if 判断（{error}）",
        f"cannot be filled: {error}; what may be absent has to be tested first",
    )


def _foreign(what: str, language: Language, part: str, tree: nodes.Template, environment: Sandbox) -> Iterator[Flaw]:
    for line, name in foreign(tree, environment):
        yield Flaw(
            what,
            language,
            part,
            line,
            f"模板中不允许“{name}”：请删去",
            f"'{name}' is not allowed in a template: remove it",
        )


def _unknown(what: str, language: Language, part: str, tree: nodes.Template, environment: Sandbox) -> Iterator[Flaw]:
    known = names(what)
    lines: dict[str, int] = {}
    for node in tree.find_all(nodes.Name):
        lines.setdefault(node.name, node.lineno)
    for name in sorted(meta.find_undeclared_variables(tree) - known - set(environment.globals)):
        (near,) = get_close_matches(name, known, 1) or (", ".join(sorted(known)),)
        yield Flaw(
            what,
            language,
            part,
            lines.get(name, 1),
            f"没有变量“{name}”：可用 {near}",
            f"there is no variable '{name}': write {near}",
        )
