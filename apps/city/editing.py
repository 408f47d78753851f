"""Changes of a TOML text that leave everything else as it is: comments, order, layout.

Every change is verified: the new text must hold exactly the value that was asked for, or `EditError` is raised.
"""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Mapping
from typing import Any

import tomlkit

from apps.city.blocks import Block, is_below, join, lines_in, split
from apps.city.toml_values import Value, changed, fits_a_line, is_entries, item_of, pairs, same, written
from contracts.toml_lines import Path


class EditError(ValueError):
    """The text cannot be changed by a form; edit it as text."""


def value_at(tables: Any, path: Path) -> Any:
    """The value at a path. Raises `LookupError`."""
    for part in path:
        if isinstance(part, str) != isinstance(tables, Mapping):
            raise LookupError(path)
        tables = tables[part]
    return tables


def replace(text: str, path: Path, value: Mapping[str, Value]) -> str:
    """The text with another table at `path`; only keys that differ are written. Raises `EditError`, `LookupError`."""
    parsed = tomllib.loads(text)
    wanted = copy.deepcopy(parsed)
    target = value_at(wanted, path)
    old = dict(target)
    target.clear()
    target.update(copy.deepcopy(dict(value)))
    return _verified(_replaced(text, path, old, value), wanted)


def put(text: str, path: Path, value: Mapping[str, Value]) -> str:
    """As `replace`, for a part that the file need not have yet. Raises `EditError`, `LookupError`."""
    parsed = tomllib.loads(text)
    missing = next((n for n in range(len(path)) if not _has(parsed, path[: n + 1])), None)
    if missing is None:
        return replace(text, path, value)
    for part in reversed(path[missing:]):
        value = {str(part): value}
    return replace(text, path[:missing], {**value_at(parsed, path[:missing]), **value})


def remove_key(text: str, path: Path) -> str:
    """The text without a part. Raises `EditError`, `LookupError`."""
    above = value_at(tomllib.loads(text), path[:-1])
    return replace(text, path[:-1], {key: each for key, each in above.items() if key != path[-1]})


def add_entry(text: str, path: Path, value: Mapping[str, Value]) -> str:
    """The text with one more entry at the end of the list of tables at `path`. Raises `EditError`, `LookupError`."""
    wanted = tomllib.loads(text)
    parent = value_at(wanted, path[:-1])
    parent.setdefault(path[-1], []).append(copy.deepcopy(dict(value)))
    return _verified(_added(text, path, value), wanted)


def remove_entry(text: str, path: Path) -> str:
    """The text without the entry at `path`. Raises `EditError`, `LookupError`."""
    wanted = tomllib.loads(text)
    entries = value_at(wanted, path[:-1])
    del entries[path[-1]]
    if not entries:
        del value_at(wanted, path[:-2])[path[-2]]
    return _verified(_without(text, path, last=not entries), wanted)


def move_entry(text: str, path: Path, to: int) -> str:
    """The text with the entry at `path` at another position of its list. Raises `EditError`, `LookupError`."""
    wanted = tomllib.loads(text)
    entries = value_at(wanted, path[:-1])
    if not 0 <= to < len(entries):
        raise LookupError(to)
    if to == path[-1]:
        return text
    entries.insert(to, entries.pop(path[-1]))
    return _verified(_moved(text, path, to), wanted)


def _has(tables: Any, path: Path) -> bool:
    try:
        value_at(tables, path)
    except LookupError:
        return False
    return True


# ---- one table


def _replaced(text: str, path: Path, old: Mapping[str, Value], new: Mapping[str, Value]) -> str:
    for key in [key for key in old if key not in new]:
        text = _without_key(text, (*path, key))
    for key, value in new.items():
        if key in old and same(old[key], value):
            continue
        at = (*path, key)
        if isinstance(value, Mapping) and isinstance(old.get(key), Mapping):
            text = _replaced(text, at, old[key], value)
        elif is_entries(value):
            text = _with_entries(text, at, old.get(key), value)
        elif isinstance(value, Mapping) and key not in old and not fits_a_line(value):
            text = _with_table(text, at, value)
        else:
            text = _with_key(text, at, value)
    return text


def _with_table(text: str, path: Path, value: Mapping[str, Value]) -> str:
    """The text with a new table under a header of its own."""
    plain = {key: each for key, each in value.items() if not isinstance(each, Mapping) or fits_a_line(each)}
    if plain or not value:
        text = _with_block(split(text), path, pairs(plain))
    for key, each in value.items():
        if key not in plain:
            text = _with_table(text, (*path, key), each)
    return text


def _with_entries(text: str, path: Path, old: Value, new: list[Mapping[str, Value]]) -> str:
    common = min(len(old), len(new)) if is_entries(old) else 0
    for position in range(common):
        text = _replaced(text, (*path, position), old[position], new[position])
    if is_entries(old):
        for position in range(len(old) - 1, common - 1, -1):
            text = _without(text, (*path, position), last=position == 0)
    elif old is not None:
        text = _without_key(text, path)
    for each in new[common:]:
        text = _added(text, path, each)
    return text


def _with_key(text: str, path: Path, value: Value) -> str:
    blocks = split(text)
    position = _block_of(blocks, path[:-1])
    rest = path[len(blocks[position].path) :]
    document = _body(blocks[position])
    if len(rest) > 1 and rest[0] not in document:
        return _with_block(blocks, path[:-1], f"{tomlkit.key(str(path[-1])).as_string()} = {written(value)}\n")
    target: Any = document
    for part in rest[:-1]:
        target = target[part]
    key = str(rest[-1])
    if key in target:
        target[key] = changed(target.item(key), value)
        body = document.as_string()
    elif target is document:
        body = _appended(blocks[position].body, f"{tomlkit.key(key).as_string()} = {written(value)}\n")
    else:
        target[key] = item_of(value, inline=True)
        body = document.as_string()
    return join(_with_body(blocks, position, body))


def _without_key(text: str, path: Path) -> str:
    blocks = split(text)
    if any(is_below(block.path, path) for block in blocks):
        return join([block for block in blocks if not is_below(block.path, path)])
    position = _block_of(blocks, path[:-1])
    document = _body(blocks[position])
    target: Any = document
    for part in path[len(blocks[position].path) : -1]:
        target = target[part]
    target.remove(path[-1])
    return join(_with_body(blocks, position, document.as_string()))


# ---- entries of lists


def _added(text: str, path: Path, value: Mapping[str, Value]) -> str:
    blocks = split(text)
    position = _block_of(blocks, path[:-1])
    rest = path[len(blocks[position].path) :]
    document = _body(blocks[position])
    if len(rest) == 1 and rest[0] not in document:
        return _with_block(blocks, path, pairs(value), many=True)
    target: Any = document
    for part in rest[:-1]:
        target = target[part]
    if rest[-1] not in target:
        target[rest[-1]] = tomlkit.array()
    target[rest[-1]].append(item_of(value, inline=True))
    return join(_with_body(blocks, position, document.as_string()))


def _without(text: str, path: Path, *, last: bool) -> str:
    blocks = split(text)
    if any(is_below(block.path, path) for block in blocks):
        return join([block for block in blocks if not is_below(block.path, path)])
    if last:
        return _without_key(text, path[:-1])
    position, document, entries = _inline_entries(blocks, path[:-1])
    del entries[path[-1]]
    return join(_with_body(blocks, position, document.as_string()))


def _moved(text: str, path: Path, to: int) -> str:
    blocks = split(text)
    entries, own = path[:-1], [block for block in blocks if is_below(block.path, path)]
    if not own:
        position, document, array = _inline_entries(blocks, entries)
        array.insert(to, array.pop(path[-1]))
        return join(_with_body(blocks, position, document.as_string()))
    others = [block for block in blocks if not is_below(block.path, path)]
    left = list(
        dict.fromkeys(b.path[: len(path)] for b in others if len(b.path) >= len(path) and is_below(b.path, entries))
    )
    if to < len(left):
        at = next(n for n, block in enumerate(others) if is_below(block.path, left[to]))
    else:
        at = 1 + max(n for n, block in enumerate(others) if is_below(block.path, left[-1]))
        own = [_after_blank_line(own[0]), *own[1:]]
    return join([*others[:at], *_spaced(own), *others[at:]])


def _inline_entries(blocks: list[Block], path: Path) -> tuple[int, Any, Any]:
    position = _block_of(blocks, path[:-1])
    document = _body(blocks[position])
    target: Any = document
    for part in path[len(blocks[position].path) :]:
        target = target[part]
    return position, document, target


# ---- blocks


def _block_of(blocks: list[Block], path: Path) -> int:
    """The block with the longest path that leads to this one."""
    fitting = [n for n, block in enumerate(blocks) if is_below(path, block.path)]
    return max(fitting, key=lambda n: len(blocks[n].path))


def _with_block(blocks: list[Block], path: Path, body: str, *, many: bool = False) -> str:
    """The blocks with a new one, behind the last of its list or of its parent."""
    near = next(
        prefix
        for prefix in (path[:length] for length in range(len(path), -1, -1))
        if any(is_below(block.path, prefix) for block in blocks)
    )
    behind = [n + 1 for n, block in enumerate(blocks) if is_below(block.path, near)]
    at = behind[-1] if many or near else len(blocks)
    name = ".".join(tomlkit.key(part).as_string() for part in path if isinstance(part, str))
    header = f"[[{name}]]\n" if many else f"[{name}]\n"
    before = join(blocks[:at])
    gap = "" if not before or before.endswith("\n\n") else "\n"
    after = join(blocks[at:])
    return before + gap + header + body + ("\n" if after else "") + after


def _with_body(blocks: list[Block], position: int, body: str) -> list[Block]:
    block = blocks[position]
    return [*blocks[:position], Block(block.path, block.above, block.header, body), *blocks[position + 1 :]]


def _body(block: Block) -> tomlkit.TOMLDocument:
    return tomlkit.parse(block.body)


def _appended(body: str, line: str) -> str:
    """The line behind the last value, before blank lines and comments at the end."""
    lines = lines_in(body)
    values = tomlkit.parse(body)
    if not values:
        return body + line
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return "".join([*lines[:end], line, *lines[end:]])


def _after_blank_line(block: Block) -> Block:
    return block if block.text.startswith("\n") else Block(block.path, "\n" + block.above, block.header, block.body)


def _spaced(blocks: list[Block]) -> list[Block]:
    last = blocks[-1]
    body = last.body if last.body.endswith("\n\n") or not last.body else last.body + "\n"
    return [*blocks[:-1], Block(last.path, last.above, last.header, body)]


def _verified(text: str, wanted: Mapping[str, Value]) -> str:
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise EditError(str(error)) from error
    if not same(found, wanted):
        raise EditError("the text would hold another value")
    return text
