"""Reading glossary files in YAML, with every fault named by file and line.

A file is a list of term entries. `source` and `target` are required, all else has a default:

    - source: 快手
      target: Kuaishou
      admitted: []
      forbidden: [quick hands, {form: fast hands, guard: {unless: [boxer]}}]
      kind: name                     # name | noun | verb | adjective | phrase; noun where left out
      case: fixed                    # fixed | sentence; fixed for a name, else sentence
      domain: short-video            # the file's stem where left out
      guard: {unless: [goalkeeper], when: [], before: [], after: []}
      note: Short-video platform.
      examples:
        - {wrong: The quick hands grew., right: Kuaishou grew., source: 快手增长了。}
        - {keep: The goalkeeper's quick hands saved the game.}

Every plain value is text: ``618`` and ``no`` need no quotes. Tags and aliases are refused, so reading a file can
neither run code nor blow up; the depth of nesting is bounded by the parser.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from regloss.errors import GlossaryError
from regloss.formats.files import read_bytes
from regloss.glossary.entry import CaseRule, Context, Example, Forbidden, Guard, Kind, TermEntry

__all__ = ["Located", "default_case", "default_domain", "parse_yaml", "read_contexts", "read_text", "read_yaml"]

ENTRY_KEYS = ("source", "target", "admitted", "forbidden", "kind", "case", "domain", "guard", "note", "examples")
FORBIDDEN_KEYS = ("form", "target", "kind", "guard", "exact")
NO_GUARD = "none"
GUARD_KEYS = ("unless", "when", "before", "after")
CONTEXT_KEYS = ("strong", "weak")
EXAMPLE_KEYS = ("wrong", "right", "keep", "source")

_CORE_TAG = re.compile(r"tag:yaml\.org,2002:(str|int|float|bool|null|timestamp|seq|map|merge|value)")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

_Choice = TypeVar("_Choice", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Located:
    """A term entry and the node of the YAML tree that it was read from; `root` is the node of the whole list."""

    entry: TermEntry
    node: Any
    root: Any


def default_case(kind: Kind) -> CaseRule:
    """Return how a target of this kind is spelled where its entry does not say."""
    return CaseRule.FIXED if kind is Kind.NAME else CaseRule.SENTENCE


def default_domain(path: Path) -> str:
    """Return the domain of the entries of a file that do not name theirs: its stem.

    A stem with a dot in it (``regloss.glossary.yaml``) names no domain.
    """
    return "" if "." in path.stem else path.stem


def read_text(path: Path) -> str:
    """Return the content of a UTF-8 file, line ends and byte order mark included.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is not UTF-8 text.
    """
    try:
        text = read_bytes(path).decode("utf-8")
    except UnicodeDecodeError as exc:
        line = exc.object[: exc.start].count(b"\n") + 1
        raise GlossaryError("is not UTF-8 text; save the file as UTF-8", path, line) from exc
    if control := _CONTROL.search(text):
        line = text.count("\n", 0, control.start()) + 1
        raise GlossaryError(f"holds the control character U+{ord(control[0]):04X}; remove it", path, line)
    return text


def read_yaml(path: Path, layer: str = "command line") -> tuple[TermEntry, ...]:
    """Return the entries of a YAML glossary in the order of the file.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: an entry is wrong; the message names the line.
    """
    return tuple(located.entry for located in parse_yaml(read_text(path), path, layer))


def parse_yaml(text: str, path: Path, layer: str = "command line") -> tuple[Located, ...]:
    """Return the entries of a glossary given as text (without byte order mark or with it).

    Args:
        path: where the text comes from; for messages and for the default domain.

    Raises:
        GlossaryError: as `read_yaml`.
    """
    root = _compose(text.removeprefix("\ufeff"), path)
    if root is None or _is_null(root):
        return ()
    if root.id != "sequence":
        raise _fault(path, root, "a glossary is a list of term entries; begin each with '- source: …'")
    found: dict[str, Located] = {}
    for node in root.value:
        entry = _entry(path, node, layer)
        if (first := found.get(entry.source)) is not None:
            raise _fault(
                path, node, f"{entry.source!r} already has an entry on line {first.entry.line}; merge the two entries"
            )
        found[entry.source] = Located(entry, node, root)
    return tuple(found.values())


def read_contexts(path: Path) -> Mapping[str, Context]:
    """Return the context words of each domain from a YAML mapping ``domain: {strong: [word, …], weak: [word, …]}``.

    Raises:
        InputError: the file cannot be read.
        GlossaryError: it is no such mapping; names the line.
    """
    root = _compose(read_text(path).removeprefix("\ufeff"), path)
    if root is None or _is_null(root):
        return {}
    return {domain: _context(path, node) for domain, node in _pairs(path, root, "set of domains").items()}


def _compose(text: str, path: Path) -> Any:
    import yaml  # type: ignore[import-untyped]

    # libyaml is ten times faster; a PyYAML built without it reads the same language.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = None if mark is None else mark.line + 1
        raise GlossaryError(f"is not valid YAML: {_syntax_fault(exc)}", path, line) from exc
    except (yaml.YAMLError, RecursionError) as exc:
        raise GlossaryError(f"is not valid YAML: {' '.join(str(exc).split())}", path) from exc
    if root is not None:
        _refuse_tags_and_aliases(path, root)
    return root


def _syntax_fault(exc: Any) -> str:
    """Return what the parser says, and where the thing began that it was reading."""
    if exc.problem in ("mapping values are not allowed in this context", "found unexpected ':'"):
        return "there is one colon too many; put the text that holds it in quotes"
    if exc.context is None or exc.context_mark is None:
        return str(exc.problem or exc.context)
    return f"{exc.problem} {exc.context} that begins on line {exc.context_mark.line + 1}"


def _refuse_tags_and_aliases(path: Path, root: Any) -> None:
    seen: set[int] = set()
    open_nodes = [root]
    while open_nodes:
        node = open_nodes.pop()
        if id(node) in seen:
            raise _fault(path, node, "YAML aliases (&name, *name) are not read; write the value out")
        seen.add(id(node))
        if not _CORE_TAG.fullmatch(node.tag):
            raise _fault(path, node, f"YAML tag {node.tag!r} is not read; remove it")
        if node.id == "sequence":
            open_nodes.extend(node.value)
        elif node.id == "mapping":
            open_nodes.extend(part for pair in node.value for part in pair)


def _fault(path: Path, node: Any, message: str) -> GlossaryError:
    return GlossaryError(message, path, node.start_mark.line + 1)


def _is_null(node: Any) -> bool:
    return bool(node.id == "scalar" and node.style not in ("'", '"', "|", ">") and node.tag.endswith(":null"))


def _pairs(path: Path, node: Any, what: str, known: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the values of a mapping by key, without those left empty; `known` empty means any key will do."""
    if node.id != "mapping":
        raise _fault(path, node, f"{_article(what)} {what} is a mapping of keys and values, not a {_shape(node)}")
    pairs: dict[str, Any] = {}
    for key, value in node.value:
        name = key.value if key.id == "scalar" else ""
        if not name or (known and name not in known):
            raise _fault(path, key, _unknown_key(name, what, known))
        if name in pairs:
            raise _fault(path, key, f"key {name!r} stands twice in this {what}; keep one")
        pairs[name] = value
    return {name: value for name, value in pairs.items() if not _is_null(value)}


def _unknown_key(name: str, what: str, known: tuple[str, ...]) -> str:
    close = get_close_matches(name, known, 1)
    guess = f"; did you mean {close[0]!r}?" if close else ";"
    return f"unknown key {name!r} in {_article(what)} {what}{guess} known keys: {', '.join(known)}"


def _article(what: str) -> str:
    return "an" if what[0] in "aeiou" else "a"


def _shape(node: Any) -> str:
    return {"sequence": "list", "mapping": "mapping"}.get(node.id, "text")


def _text(path: Path, pairs: Mapping[str, Any], key: str) -> str:
    """Return the text under `key`, the empty string where there is none."""
    if (node := pairs.get(key)) is None:
        return ""
    if node.id != "scalar":
        raise _fault(path, node, f"{key!r} must be text, not a {_shape(node)}")
    return str(node.value).strip()


def _line(path: Path, pairs: Mapping[str, Any], key: str) -> str:
    value = _text(path, pairs, key)
    if len(value.splitlines()) > 1:
        raise _fault(path, pairs[key], f"{key!r} must stand on one line")
    return value


def _required(path: Path, node: Any, pairs: Mapping[str, Any], key: str, what: str) -> str:
    if not (value := _line(path, pairs, key)):
        raise _fault(path, pairs.get(key, node), f"{_article(what)} {what} needs a {key!r}; add '{key}: …'")
    return value


def _strings(path: Path, pairs: Mapping[str, Any], key: str) -> tuple[str, ...]:
    if (node := pairs.get(key)) is None:
        return ()
    if node.id != "sequence":
        raise _fault(path, node, f"{key!r} must be a list of texts, such as [{_sample(node)}]")
    return tuple(_item(path, item, key) for item in node.value)


def _sample(node: Any) -> str:
    return str(node.value) if node.id == "scalar" else "one, two"


def _item(path: Path, node: Any, key: str) -> str:
    if node.id != "scalar" or _is_null(node) or not node.value.strip():
        raise _fault(path, node, f"an item of {key!r} is empty or not text")
    return _line(path, {key: node}, key)


def _choice(path: Path, pairs: Mapping[str, Any], key: str, choices: type[_Choice], default: _Choice) -> _Choice:
    if not (value := _text(path, pairs, key)):
        return default
    try:
        return choices(value)
    except ValueError as exc:
        raise _fault(path, pairs[key], f"{key!r} cannot be {value!r}; choose from {', '.join(choices)}") from exc


def _flag(path: Path, pairs: Mapping[str, Any], key: str) -> bool:
    value = _text(path, pairs, key).lower()
    if value not in ("", "true", "false"):
        raise _fault(path, pairs[key], f"{key!r} cannot be {value!r}; choose from true, false")
    return value == "true"


def _guard(path: Path, pairs: Mapping[str, Any]) -> Guard:
    if (node := pairs.get("guard")) is None:
        return Guard()
    inner = _pairs(path, node, "guard", GUARD_KEYS)
    return Guard(**{key: _strings(path, inner, key) for key in GUARD_KEYS})


def _forbidden(path: Path, node: Any) -> Forbidden:
    if node.id == "scalar":
        return Forbidden(_item(path, node, "forbidden"))
    pairs = _pairs(path, node, "forbidden form", FORBIDDEN_KEYS)
    kind = _choice(path, pairs, "kind", Kind, Kind.NOUN) if "kind" in pairs else None
    guard = pairs.get("guard")
    unguarded = guard is not None and guard.id == "scalar" and guard.value == NO_GUARD
    return Forbidden(
        form=_required(path, node, pairs, "form", "forbidden form"),
        target=_line(path, pairs, "target"),
        kind=kind,
        guard=Guard() if unguarded else _guard(path, pairs),
        exact=_flag(path, pairs, "exact"),
        unguarded=unguarded,
    )


def _example(path: Path, node: Any) -> Example:
    pairs = _pairs(path, node, "example", EXAMPLE_KEYS)
    example = Example(**{key: _text(path, pairs, key) for key in EXAMPLE_KEYS})
    if bool(example.wrong) != bool(example.right) or bool(example.keep) == bool(example.wrong):
        raise _fault(path, node, "an example is either {wrong: …, right: …} or {keep: …}")
    if example.wrong and example.wrong == example.right:
        raise _fault(path, node, "'wrong' and 'right' are the same sentence; write {keep: …} instead")
    return example


def _context(path: Path, node: Any) -> Context:
    pairs = _pairs(path, node, "context", CONTEXT_KEYS)
    return Context(**{key: _strings(path, pairs, key) for key in CONTEXT_KEYS})


def _items(path: Path, pairs: Mapping[str, Any], key: str) -> list[Any]:
    if (node := pairs.get(key)) is None:
        return []
    if node.id != "sequence":
        raise _fault(path, node, f"{key!r} must be a list, not a {_shape(node)}")
    return list(node.value)


def _entry(path: Path, node: Any, layer: str) -> TermEntry:
    pairs = _pairs(path, node, "term entry", ENTRY_KEYS)
    kind = _choice(path, pairs, "kind", Kind, Kind.NOUN)
    return TermEntry(
        source=_required(path, node, pairs, "source", "term entry"),
        target=_required(path, node, pairs, "target", "term entry"),
        admitted=_strings(path, pairs, "admitted"),
        forbidden=tuple(_forbidden(path, item) for item in _items(path, pairs, "forbidden")),
        kind=kind,
        case=_choice(path, pairs, "case", CaseRule, default_case(kind)),
        domain=_line(path, pairs, "domain") or default_domain(path),
        guard=_guard(path, pairs),
        note=_text(path, pairs, "note"),
        examples=tuple(_example(path, item) for item in _items(path, pairs, "examples")),
        path=path,
        line=node.start_mark.line + 1,
        layer=layer,
    )
