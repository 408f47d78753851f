"""Texts of a template in two languages: constant pairs are chosen at compilation, all others at rendering."""

from __future__ import annotations

from pathlib import Path

import pytest

from apps.web.rendering import environments


def rendered(tmp_path: Path, source: str, **variables: object) -> dict[str, str]:
    """The page in both languages; `t` fails on a constant pair, which must not be left."""

    def t(zh: str, en: str) -> str:
        assert "%" not in zh
        return f"<{zh}|{en}>"

    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(source)
    found = environments(tmp_path)
    return {language: found[language].get_template("page.html").render(t=t, **variables) for language in found}


@pytest.mark.parametrize(
    ("source", "zh", "en"),
    [
        ('{{ t("编号", "Number") }}', "编号", "Number"),
        ("{{ t('编号', 'Number') }}", "编号", "Number"),
        (
            '<a title="{{ t(\'看 "它"\', \'see "it"\') }}">',
            '<a title="看 &#34;它&#34;">',
            '<a title="see &#34;it&#34;">',
        ),
        ('{{ t("甲 < 乙 & 丙", "a < b & c") }}', "甲 &lt; 乙 &amp; 丙", "a &lt; b &amp; c"),
        ('{{ t("他说\\"好\\"", "he said \\"yes\\"") }}', "他说&#34;好&#34;", "he said &#34;yes&#34;"),
        ('{{ [t("一", "one"), t("二", "two")]|join(t("、", ", ")) }}', "一、二", "one, two"),
        ('{% if t("一", "one") == "one" %}x{% else %}y{% endif %}', "y", "x"),
        ('{{ t(\n  "一",\n  "one"\n) }}', "一", "one"),
    ],
)
def test_constant_pairs_are_texts_of_the_language_and_escaped(tmp_path: Path, source: str, zh: str, en: str) -> None:
    assert rendered(tmp_path, source) == {"zh": zh, "en": en}


@pytest.mark.parametrize(
    ("source", "both"),
    [
        ("{{ t(*names) }}", "&lt;一|one&gt;"),
        ('{{ t("共" + count, "in all " + count) }}', "&lt;共3|in all 3&gt;"),
        ('{{ object.t("一", "one") }}', "own"),
        ('{{ count_t("一", "one") }}', "own"),
    ],
)
def test_other_calls_are_made_when_the_page_is_rendered(tmp_path: Path, source: str, both: str) -> None:
    class Own:
        def t(self, zh: str, en: str) -> str:
            return "own"

    own = Own()
    found = rendered(tmp_path, source, names=("一", "one"), count="3", object=own, count_t=own.t)
    assert found == {"zh": both, "en": both}
