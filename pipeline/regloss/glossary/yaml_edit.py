"""Adding to, changing and removing from a YAML glossary, leaving every other character of the file as it is.

The file is never written out again from its parsed form. The text of one entry, or of those of its keys
that change, is put in or cut out; the result is read again and must hold exactly the entries that were asked for; only
then does it replace the file.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from regloss.errors import GlossaryError
from regloss.formats.files import write_atomic
from regloss.glossary.entry import Forbidden, Guard, Kind, TermEntry
from regloss.glossary.yaml_file import (
    EXAMPLE_KEYS,
    GUARD_KEYS,
    NO_GUARD,
    Located,
    default_case,
    default_domain,
    parse_yaml,
    read_text,
)
from regloss.text import fold

__all__ = ["add_entry", "remove_entry", "render_entry", "update_entry", "write_yaml"]

_WIDTH = 120
_PLAIN = re.compile(r"[^\W_](?:[\w '’./()&+%·-]*[\w.)%+])?")
_OTHER_TYPE = re.compile(r"[\d.]+.*|true|false|yes|no|on|off|null|y|n", re.IGNORECASE)
_UNSAFE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff]")
_COMMENT = re.compile(r"(?:^|\s)#")

_Change = tuple[int, int, str]
"""A stretch of the file's text, in code points, and what stands there instead."""


def render_entry(entry: TermEntry, domain: str = "") -> str:
    """Return `entry` as the YAML text of a list item, ending in a line feed; what equals its default is left out.

    Args:
        domain: the default domain of the file that it goes to.
    """
    lines = [line for block in _rendered(entry, domain).values() for line in block]
    return "".join(f"{'  ' if number else '- '}{line}\n" for number, line in enumerate(lines))


def _rendered(entry: TermEntry, domain: str) -> dict[str, list[str]]:
    """Return the lines of each key that is written, in the order in which they stand."""
    blocks = {"source": [f"source: {_scalar(entry.source)}"], "target": [f"target: {_scalar(entry.target)}"]}
    if entry.admitted:
        blocks["admitted"] = _list("admitted", _items(entry, "admitted"))
    if entry.forbidden:
        blocks["forbidden"] = _list("forbidden", _items(entry, "forbidden"))
    blocks["kind"] = [f"kind: {entry.kind}"]
    if entry.case is not default_case(entry.kind):
        blocks["case"] = [f"case: {entry.case}"]
    if entry.domain and entry.domain != domain:
        blocks["domain"] = [f"domain: {_scalar(entry.domain)}"]
    if entry.guard:
        blocks["guard"] = [f"guard: {_guard(entry.guard)}"]
    if entry.note:
        blocks["note"] = [f"note: {_scalar(entry.note)}"]
    if entry.examples:
        blocks["examples"] = ["examples:", *(f"  - {item}" for item in _items(entry, "examples"))]
    return blocks


def _items(entry: TermEntry, key: str) -> list[str]:
    if key == "forbidden":
        return [_form(forbidden) for forbidden in entry.forbidden]
    if key == "examples":
        return [_mapping(EXAMPLE_KEYS, [_quoted(getattr(e, k)) for k in EXAMPLE_KEYS]) for e in entry.examples]
    return [_scalar(text) for text in entry.admitted]


def write_yaml(path: Path, entries: Iterable[TermEntry]) -> None:
    """Write `entries` as a new YAML glossary, whole or not at all.

    Raises:
        InputError: the file cannot be written.
        GlossaryError: an entry cannot be told in YAML.
    """
    wanted = tuple(_on_reading(entry, path) for entry in entries)
    text = "\n".join(render_entry(entry, default_domain(path)) for entry in wanted) or "[]\n"
    _verify(path, text, wanted)
    _write(path, text)


def add_entry(path: Path, entry: TermEntry, *, merge: bool = False) -> int:
    """Add `entry` at the end of a glossary file, which is made if it does not exist.

    Args:
        merge: where the source term already has an entry in the file, add to it the forbidden forms that it lacks;
            all its other keys stay, and those of `entry` are not looked at.

    Returns:
        The line on which the entry stands.

    Raises:
        InputError: the file cannot be read or written.
        GlossaryError: it is no YAML glossary, the entry is not valid, or the source term already has
            an entry with another target, or with this one and `merge` is false.
    """
    mark, text = _read(path) if path.exists() else ("", "")
    present = parse_yaml(text, path)
    old = next((located for located in present if located.entry.source == entry.source), None)
    if old is None:
        changed = _appended(path, text, present, entry)
        wanted = (*(located.entry for located in present), _on_reading(entry, path))
    else:
        merged = _merge(path, old.entry, entry, merge=merge)
        new = merged.forbidden[len(old.entry.forbidden) :]
        changed = _with_forms(text, old, new) if new else text
        wanted = tuple(merged if located is old else located.entry for located in present)
    line = _verify(path, changed, wanted, entry.source)
    _write(path, mark + changed)
    return line


def remove_entry(path: Path, source: str) -> TermEntry:
    """Cut the entry of `source` out of a glossary file and return it; comments above it stay.

    Raises:
        InputError: the file cannot be read or written.
        GlossaryError: it is no YAML glossary, or has no such entry.
    """
    mark, text = _read(path)
    present = parse_yaml(text, path)
    old = next((located for located in present if located.entry.source == source), None)
    if old is None:
        raise GlossaryError(f"has no entry {source!r}", path)
    changed = _without(path, text, old)
    _verify(path, changed, tuple(located.entry for located in present if located is not old))
    _write(path, mark + changed)
    return old.entry


def update_entry(path: Path, entry: TermEntry) -> int:
    """Make the entry of the same source term in a glossary file say what `entry` says.

    Only the text of what differs changes: a list grows, shrinks or changes by single items, any other key as a whole.

    Returns:
        The line on which the entry stands.

    Raises:
        InputError: the file cannot be read or written.
        GlossaryError: it is no YAML glossary, has no such entry, the entry is not valid, or a comment stands within
            what would have to change.
    """
    mark, text = _read(path)
    present = parse_yaml(text, path)
    old = next((located for located in present if located.entry.source == entry.source), None)
    if old is None:
        raise GlossaryError(f"has no entry {entry.source!r}", path)
    new = _on_reading(entry, path)
    changed = text
    for start, end, after in sorted(_changes(path, text, old, new), reverse=True):
        changed = changed[:start] + after + changed[end:]
    wanted = tuple(new if located is old else located.entry for located in present)
    line = _verify(path, changed, wanted, entry.source)
    _write(path, mark + changed)
    return line


def _changes(path: Path, text: str, old: Located, new: TermEntry) -> Iterator[_Change]:
    """Yield what to change in `text`, apart from one another; two changes at one place keep their order by text."""
    domain = default_domain(path)
    before, after = _rendered(old.entry, domain), _rendered(new, domain)
    newline = "\r\n" if "\r\n" in text else "\n"
    if old.node.flow_style:
        if before != after:
            joint = newline + " " * old.node.start_mark.column
            lines = joint.join(line for block in after.values() for line in block)
            yield _replaced(path, text, old.node.start_mark.index, _end(text, old.node), lines, old.entry)
        return
    nodes = {key.value: (key, value) for key, value in old.node.value}
    joint = newline + " " * old.node.start_mark.column
    missing: list[str] = []
    for key in dict.fromkeys((*before, *after)):
        if before.get(key) == after.get(key):
            continue
        if key not in nodes:
            missing += after[key]
        elif key not in after:
            yield _cut_lines(path, text, *nodes[key], old.entry)
        elif key in ("admitted", "forbidden", "examples") and nodes[key][1].id == "sequence" and nodes[key][1].value:
            node = nodes[key][1]
            yield from _changed_items(path, text, node, _items(old.entry, key), _items(new, key), newline, old.entry)
        else:
            start, end = nodes[key][0].start_mark.index, _end(text, nodes[key][1])
            yield _replaced(path, text, start, end, joint.join(after[key]), old.entry)
    if missing:
        at = _line_end(text, _end(text, old.node.value[-1][1]))
        yield at, at, "".join(joint + line for line in missing)


def _replaced(path: Path, text: str, start: int, end: int, after: str, entry: TermEntry) -> _Change:
    if _COMMENT.search(text[start:end]):
        raise GlossaryError(
            f"a comment stands within {entry.source!r} where it changes; edit it by hand", path, entry.line
        )
    return start, end, after


def _cut_lines(path: Path, text: str, key: Any, value: Any, entry: TermEntry) -> _Change:
    start = text.rfind("\n", 0, key.start_mark.index) + 1
    if text[start : key.start_mark.index].strip():
        raise GlossaryError(f"{key.value!r} comes first in {entry.source!r}; take it out by hand", path, entry.line)
    end = _line_end(text, _end(text, value))
    return _replaced(path, text, start, text.find("\n", end) + 1 or len(text), "", entry)


def _changed_items(
    path: Path, text: str, node: Any, before: Sequence[str], after: Sequence[str], newline: str, entry: TermEntry
) -> Iterator[_Change]:
    """Yield the changes that turn one list into another, item by item."""
    spans = [(item.start_mark.index, _end(text, item)) for item in node.value]
    if len(after) < len(before) and after and _is_part(after, before):
        yield from _cut_items(path, text, node, spans, before, after, entry)
        return
    if len(after) < len(before):
        items = ", ".join(after)
        yield _replaced(path, text, node.start_mark.index, _end(text, node), f"[{items}]", entry)
        return
    for (start, end), was, item in zip(spans, before, after, strict=False):
        if was != item:
            yield _replaced(path, text, start, end, item, entry)
    added = after[len(before) :]
    at = spans[-1][1] if node.flow_style else _line_end(text, spans[-1][1])
    joint = ", " if node.flow_style else f"{newline}{' ' * node.start_mark.column}- "
    if added:
        yield at, at, "".join(joint + item for item in added)


def _is_part(few: Sequence[str], many: Sequence[str]) -> bool:
    rest = iter(many)
    return all(item in rest for item in few)


def _cut_items(
    path: Path,
    text: str,
    node: Any,
    spans: Sequence[tuple[int, int]],
    before: Sequence[str],
    after: Sequence[str],
    entry: TermEntry,
) -> Iterator[_Change]:
    kept = list(after)
    first = True
    for number, item in enumerate(before):
        if kept and kept[0] == item:
            kept.pop(0)
            first = False
            continue
        start, end = spans[number]
        if not node.flow_style:
            start = text.rfind("\n", 0, start) + 1
            end = text.find("\n", _line_end(text, end)) + 1 or len(text)
        elif first:
            end = spans[number + 1][0]
        else:
            start = spans[number - 1][1]
        yield _replaced(path, text, start, end, "", entry)


def _write(path: Path, text: str) -> None:
    # A symbolic link stays a link.
    write_atomic(path.resolve(), text.encode("utf-8"))


def _read(path: Path) -> tuple[str, str]:
    text = read_text(path)
    return ("\ufeff", text[1:]) if text.startswith("\ufeff") else ("", text)


def _verify(path: Path, text: str, wanted: Sequence[TermEntry], source: str = "") -> int:
    """Check that `text` reads as the wanted entries; return the line of the entry of `source`, 0 if there is none."""
    found = [located.entry for located in parse_yaml(text, path)]
    if [_bare(entry) for entry in found] != [_bare(entry) for entry in wanted]:
        raise GlossaryError("cannot be changed without touching its other entries; edit it by hand", path)
    return next((entry.line or 0 for entry in found if entry.source == source), 0)


def _bare(entry: TermEntry) -> TermEntry:
    return replace(entry, path=None, line=None, layer="")


def _on_reading(entry: TermEntry, path: Path) -> TermEntry:
    return entry if entry.domain else replace(entry, domain=default_domain(path))


def _appended(path: Path, text: str, present: Sequence[Located], entry: TermEntry) -> str:
    column = 0
    if present:
        root = present[0].root
        if root.flow_style:
            raise GlossaryError("is one list in brackets; begin each entry with '- ' on a line of its own", path)
        column = root.start_mark.column
    elif text.strip() in ("[]", "null", "~"):
        text = ""
    newline = "\r\n" if "\r\n" in text else "\n"
    block = "".join(f"{' ' * column}{line}{newline}" for line in render_entry(entry, default_domain(path)).splitlines())
    if text and not text.endswith("\n"):
        text += newline
    spaced = len(present) < 2 or f"{newline}{newline}" in text
    return text + (newline if text and spaced and not text.endswith(newline * 2) else "") + block


def _merge(path: Path, old: TermEntry, new: TermEntry, *, merge: bool) -> TermEntry:
    if old.target != new.target:
        raise GlossaryError(f"{old.source!r} already has the target {old.target!r}; change it there", path, old.line)
    if not merge:
        raise GlossaryError(
            f"{old.source!r} already has an entry; merge (--merge) to add forbidden forms", path, old.line
        )
    known = {fold(forbidden.form) for forbidden in old.forbidden}
    added = tuple(forbidden for forbidden in new.forbidden if fold(forbidden.form) not in known)
    return replace(old, forbidden=(*old.forbidden, *added))


def _with_forms(text: str, old: Located, forms: Sequence[Forbidden]) -> str:
    """Return `text` with forbidden forms added to one entry, in the style in which it is written."""
    rendered = [_form(forbidden) for forbidden in forms]
    nodes = {key.value: value for key, value in old.node.value}
    node = nodes.get("forbidden")
    newline = "\r\n" if "\r\n" in text else "\n"
    if node is None:
        return _with_key(text, old.node, f"forbidden: [{', '.join(rendered)}]", newline)
    if node.id == "scalar" or not node.value:
        start, end = node.start_mark.index, node.end_mark.index
        gap = "" if text[start - 1] == " " else " "
        return f"{text[:start]}{gap}[{', '.join(rendered)}]{text[end:]}"
    end = _end(text, node.value[-1])
    if node.flow_style:
        return text[:end] + "".join(f", {form}" for form in rendered) + text[end:]
    at = _line_end(text, end)
    indent = " " * node.start_mark.column
    return text[:at] + "".join(f"{newline}{indent}- {form}" for form in rendered) + text[at:]


def _with_key(text: str, node: Any, pair: str, newline: str) -> str:
    if node.flow_style:
        end = _end(text, node.value[-1][1])
        return f"{text[:end]}, {pair}{text[end:]}"
    target = next(value for key, value in node.value if key.value == "target")
    at = _line_end(text, _end(text, target))
    return f"{text[:at]}{newline}{' ' * node.start_mark.column}{pair}{text[at:]}"


def _without(path: Path, text: str, old: Located) -> str:
    if old.root.flow_style:
        raise GlossaryError("is one list in brackets; edit it by hand", path)
    start = text.rfind("\n", 0, text.rfind("-", 0, old.node.start_mark.index)) + 1
    end = _line_end(text, _end(text, old.node))
    end = text.find("\n", end) + 1 or len(text)
    before, after = text[:start], text[end:]
    # The blank line that set the entry off goes with it, unless it still parts what stands before and after.
    if not after.strip("\r\n") or after.startswith(("\n", "\r\n")):
        before = re.sub(r"(?:(?<=\n)|\A)\r?\n\Z", "", before)
    return before + after if before else after.removeprefix("\r").removeprefix("\n")


def _end(text: str, node: Any) -> int:
    """Return the offset after the last character of a node; the parser's own mark may lie past later comments."""
    if node.id == "scalar" or node.flow_style:
        end = node.end_mark.index
        while end > node.start_mark.index and text[end - 1] in " \r\n":
            end -= 1
        return int(end)
    last = node.value[-1]
    return _end(text, last[1] if node.id == "mapping" else last)


def _line_end(text: str, index: int) -> int:
    end = text.find("\n", index)
    end = len(text) if end < 0 else end
    return end - 1 if end > index and text[end - 1] == "\r" else end


def _scalar(text: str) -> str:
    plain = _PLAIN.fullmatch(text) and not _OTHER_TYPE.fullmatch(text)
    return text if plain else _quoted(text)


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda char: f"\\u{ord(char[0]):04x}", json.dumps(text, ensure_ascii=False)) if text else ""


def _mapping(keys: Iterable[str], values: Iterable[str]) -> str:
    return f"{{{', '.join(f'{key}: {value}' for key, value in zip(keys, values, strict=True) if value)}}}"


def _guard(guard: Guard) -> str:
    lists: list[tuple[str, ...]] = [getattr(guard, key) for key in GUARD_KEYS]
    return _mapping(GUARD_KEYS, [f"[{', '.join(map(_scalar, words))}]" if words else "" for words in lists])


def _form(forbidden: Forbidden) -> str:
    if forbidden == Forbidden(forbidden.form):
        return _scalar(forbidden.form)
    values = (
        _scalar(forbidden.form),
        _scalar(forbidden.target) if forbidden.target else "",
        _kind(forbidden.kind),
        NO_GUARD if forbidden.unguarded else _guard(forbidden.guard) if forbidden.guard else "",
        "true" if forbidden.exact else "",
    )
    return _mapping(("form", "target", "kind", "guard", "exact"), values)


def _kind(kind: Kind | None) -> str:
    return "" if kind is None else kind.value


def _list(key: str, items: Sequence[str]) -> list[str]:
    flow = f"{key}: [{', '.join(items)}]"
    if len(flow) + 2 <= _WIDTH and not any(item.startswith("{") for item in items):
        return [flow]
    return [f"{key}:", *(f"  - {item}" for item in items)]
