"""Glossaries in layers: bundled < user < project, or exactly the files named on the command line.

Without names, `load_glossary` reads every bundled zh-en glossary, then ``glossary/*.yaml`` in the user's configuration
folder (``~/.config/regloss`` on Linux), then `PROJECT_FILE` in the current folder. With names it reads those alone, in
the order given. A later entry replaces an earlier one of the same source term as a whole and keeps its place in the
order.

A name is a bundled glossary (``zh-en/short-video``), a bundled folder (``zh-en``), or the path of a file: .yaml, .yml,
.csv, .tsv, .xlsx, .tbx, .tmx, or a glossary of OmegaT (.txt, .utf8, .tab).
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path

from regloss.errors import GlossaryError, ReglossError, UsageError
from regloss.glossary.entry import Context, Guard, TermEntry
from regloss.glossary.tabular import OMEGAT_SUFFIXES, read_omegat, read_table
from regloss.glossary.tbx_file import read_tbx
from regloss.glossary.tmx_file import read_tmx
from regloss.glossary.workbook import read_workbook
from regloss.glossary.yaml_file import read_contexts, read_yaml
from regloss.resources import bundled

__all__ = ["GENERAL", "PROJECT_FILE", "Glossary", "bundled_names", "load_glossary", "read_file"]

PROJECT_FILE = "regloss.glossary.yaml"
DEFAULT_FOLDER = "zh-en"
GENERAL = "general"

_HASH_DIGITS = 12
_READERS: Mapping[str, Callable[[Path, str], tuple[TermEntry, ...]]] = {
    ".yaml": read_yaml,
    ".yml": read_yaml,
    ".csv": read_table,
    ".tsv": read_table,
    ".xlsx": read_workbook,
    ".tbx": read_tbx,
    ".tmx": read_tmx,
    **dict.fromkeys(OMEGAT_SUFFIXES, read_omegat),
}


@dataclass(frozen=True, slots=True)
class Glossary:
    """Term entries, at most one for each source term, in an order that decides ties.

    Attributes:
        entries: the entries in force.
        content_hash: 12 hex digits over all that affects behaviour; notes, examples, comments, file names and layers
            do not count, the order of the entries does.
        contexts: for each domain of the entries, words whose presence shows that a text is about it, strong and weak
            ones; those under ``general`` speak for every domain.
        overridden: the entries that a later one of the same source term replaced, in the order of replacement.
    """

    entries: tuple[TermEntry, ...] = field(hash=False)
    content_hash: str
    contexts: Mapping[str, Context] = field(hash=False)
    overridden: tuple[TermEntry, ...] = field(default=(), hash=False, compare=False)
    _by_source: Mapping[str, TermEntry] = field(init=False, repr=False, hash=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_source", {entry.source: entry for entry in self.entries})

    @classmethod
    def of(cls, entries: Iterable[TermEntry], contexts: Mapping[str, Context] | None = None) -> "Glossary":
        """Return the glossary of these entries, later ones overriding earlier ones.

        Args:
            contexts: context words by domain; those of domains that no entry has are left out.
        """
        in_force: dict[str, TermEntry] = {}
        overridden = []
        for entry in entries:
            if entry.source in in_force:
                overridden.append(in_force[entry.source])
            in_force[entry.source] = entry
        kept = tuple(in_force.values())
        needed = _needed_contexts(kept, contexts or {})
        return cls(kept, _content_hash(kept, needed), needed, tuple(overridden))

    def plus(self, entries: Iterable[TermEntry]) -> "Glossary":
        """Return this glossary with more entries, which override those of the same source term."""
        whole = Glossary.of((*self.entries, *entries), self.contexts)
        return replace(whole, overridden=(*self.overridden, *whole.overridden))

    def find(self, source: str) -> TermEntry | None:
        """Return the entry of a source term, None where there is none."""
        return self._by_source.get(source)

    def __len__(self) -> int:
        return len(self.entries)


def load_glossary(
    names: Sequence[str] = (), *, user_folder: Path | None = None, project_folder: Path | None = None
) -> Glossary:
    """Return the glossary that these names stand for; the layered default where there are none.

    Args:
        names: bundled names and paths; see the module's manual.
        user_folder: folder of the user's layer, the standard place where None.
        project_folder: folder of the project's layer, the current one where None.

    Raises:
        InputError: a file is missing or cannot be read.
        GlossaryError: a file is wrong; names file and line.
        UsageError: a name is neither bundled nor a file; lists the bundled ones.
    """
    if names:
        entries = tuple(entry for name in names for entry in _named(name))
    else:
        entries = (*_bundled_folder(DEFAULT_FOLDER), *_user(user_folder), *_project(project_folder))
    return Glossary.of(entries, _bundled_contexts() if entries else None)


def bundled_names() -> tuple[str, ...]:
    """Return the names of the bundled glossaries, sorted, such as ``zh-en/short-video``."""
    root = _glossary_root()
    if root is None:
        return ()
    files = (path for folder in _folders(root) for path in sorted(folder.glob("*.yaml")))
    return tuple(f"{path.parent.name}/{path.stem}" for path in files)


def read_file(path: Path, layer: str = "command line") -> tuple[TermEntry, ...]:
    """Return the entries of one glossary file, read by its suffix.

    Raises:
        InputError: the file is missing or cannot be read.
        GlossaryError: it is wrong, or its suffix tells no format.
    """
    if path.is_dir():
        raise GlossaryError("is a folder; give a file in it, and repeat --glossary for more", path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise GlossaryError(f"is no glossary format; use one of {', '.join(_READERS)}", path)
    return reader(path, layer)


def _named(name: str) -> tuple[TermEntry, ...]:
    names = bundled_names()
    if name in names:
        return read_yaml(bundled("glossary", f"{name}.yaml"), "bundled")
    if any(known.startswith(f"{name}/") for known in names):
        return _bundled_folder(name)
    path = Path(name)
    if path.suffix.lower() in _READERS or path.exists():
        return read_file(path)
    close = get_close_matches(name, names, 3, 0.4)
    listed = (*close, *(known for known in names if known not in close))
    raise UsageError(
        f"there is no glossary {name!r}; available: {', '.join(listed) or 'none'}; "
        "or give the path of a .yaml, .csv, .tsv or .tbx file"
    )


def _bundled_folder(folder: str) -> tuple[TermEntry, ...]:
    return tuple(
        entry
        for name in bundled_names()
        if name.startswith(f"{folder}/")
        for entry in read_yaml(bundled("glossary", f"{name}.yaml"), "bundled")
    )


def _user(folder: Path | None) -> tuple[TermEntry, ...]:
    if folder is None:
        from platformdirs import user_config_dir

        folder = Path(user_config_dir("regloss", appauthor=False)) / "glossary"
    return tuple(entry for path in sorted(folder.glob("*.yaml")) for entry in read_yaml(path, "user"))


def _project(folder: Path | None) -> tuple[TermEntry, ...]:
    path = (folder or Path()) / PROJECT_FILE
    return read_yaml(path, "project") if path.exists() else ()


def _glossary_root() -> Path | None:
    try:
        return bundled("glossary")
    except ReglossError:
        return None


def _folders(root: Path) -> list[Path]:
    return sorted(path for path in root.iterdir() if path.is_dir() and path.name != "contexts")


def _bundled_contexts() -> Mapping[str, Context]:
    root = _glossary_root()
    path = None if root is None else root / "contexts" / f"{DEFAULT_FOLDER}.yaml"
    return read_contexts(path) if path is not None and path.exists() else {}


def _needed_contexts(entries: Iterable[TermEntry], contexts: Mapping[str, Context]) -> Mapping[str, Context]:
    domains = {entry.domain for entry in entries} | {GENERAL}
    return {domain: contexts[domain] for domain in sorted(contexts) if domain in domains}


def _content_hash(entries: Iterable[TermEntry], contexts: Mapping[str, Context]) -> str:
    words = {domain: (context.strong, context.weak) for domain, context in contexts.items()}
    canonical = json.dumps([[_behaviour(entry) for entry in entries], words], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("ascii")).hexdigest()[:_HASH_DIGITS]


def _behaviour(entry: TermEntry) -> tuple[object, ...]:
    """Return all of an entry that repair, translation or scoring looks at."""
    forms = [(f.form, f.target, f.kind, _words(f.guard), f.exact, f.unguarded) for f in entry.forbidden]
    rules = (entry.kind, entry.case, entry.domain, _words(entry.guard))
    return (entry.source, entry.target, entry.admitted, forms, *rules)


def _words(guard: Guard) -> tuple[tuple[str, ...], ...]:
    return (guard.unless, guard.when, guard.before, guard.after)
