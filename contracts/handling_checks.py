"""Checks of who may give instructions (批示), and of consultations before rulings (会商)."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.reference_findings import Check, Finding, Tables


def leaders_instruct(tables: Tables) -> Iterator[Finding]:
    """Instructions (批示) are given by leaders alone."""
    for n, post in enumerate(tables.get("posts", {}).get("post", ())):
        if post.get("instructs", False) and post["duty"] != "leader":
            yield Finding(
                "posts",
                ("post", n, "instructs"),
                f"“{post['id']}”不是负责人，不能作批示：请删去 instructs，或将 duty 改为 leader",
                f"'{post['id']}' is no leader and gives no instructions: remove `instructs`, or make its duty `leader`",
            )


def consultations_can_be_held(tables: Tables) -> Iterator[Finding]:
    """A consultation (会商) needs a centre that rules, and other units that take part."""
    if not tables["dispatch"].get("consultation", {}).get("required", False):
        return
    units = tables["units"]["unit"]
    if not any(unit.get("dispatches", False) for unit in units):
        yield Finding(
            "dispatch",
            ("consultation", "required"),
            "没有派单中心，无人会商裁定：请在 units.toml 中给一个单位写 dispatches = true，或改为 false",
            "no unit dispatches, so nobody rules: give one `dispatches = true` in units.toml, or write false",
        )
    if len(units) < 2:
        yield Finding(
            "dispatch",
            ("consultation", "required"),
            "只有一个单位，无从会商：请改为 false",
            "there is only one unit, so nobody can be consulted: write false",
        )


HANDLING_CHECKS: tuple[Check, ...] = (leaders_instruct, consultations_can_be_held)
