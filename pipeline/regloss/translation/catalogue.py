"""Models that can be fetched: the catalogue, their installation, and checking what is installed.

``models/catalogue.toml`` lists them. An installed model is a folder below `engines.models_folder` with its tokenisers,
a CTranslate2 int8 model in ``ct2-int8/`` and a ``card.toml`` that records where it came from, the commit, the licence
and the checksum of every file. Nothing appears there before it is complete.
"""

import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from regloss.errors import ModelError, UsageError
from regloss.resources import bundled
from regloss.translation.cache import cache_folder
from regloss.translation.cards import CARD, file_digest, read_card
from regloss.translation.convert import convert_checkpoint, needs_transformers
from regloss.translation.ct2 import BUILT_FOLDER
from regloss.translation.download import RemoteFile, download, file_url, hub_address, look_up
from regloss.translation.engines import model_names, models_folder, resolve_model
from regloss.translation.hf import import_transformers

__all__ = ["CatalogueEntry", "find_entry", "pull", "read_catalogue", "verify"]

_NAME = re.compile(r"^[a-z0-9][a-z0-9.\-]*$")
_REPOSITORY = re.compile(r"^[\w.\-]+/[\w.\-]+$")
_FILE = re.compile(r"^[\w\-][\w.\-]*$")

# Told (file name, bytes so far, bytes in all or 0).
PullProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One model of the catalogue; the file itself explains the keys."""

    name: str
    repository: str
    revision: str
    licence: str
    kind: str
    megabytes: int
    files: tuple[str, ...]
    weights: tuple[str, ...]
    about: str = ""
    needs: str = ""
    source_prefix: tuple[str, ...] = ()
    target_prefix: tuple[str, ...] = ()
    sha256: Mapping[str, str] = field(default_factory=dict)
    flores_chrf: float | None = None

    @property
    def pinned(self) -> bool:
        """Whether the revision is a commit rather than a branch that can move."""
        return re.fullmatch(r"[0-9a-f]{40}", self.revision) is not None


def read_catalogue(path: Path | None = None) -> tuple[CatalogueEntry, ...]:
    """Return the entries of a catalogue file, by default the one that comes with regloss.

    Raises:
        ModelError: the file cannot be read, or an entry is wrong; names the entry.
    """
    path = path or bundled("models", "catalogue.toml")
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as exc:
        raise ModelError(f"{path}: cannot be read as a catalogue ({exc})") from exc
    return tuple(_entry(path, name, table) for name, table in tables.items())


def _entry(path: Path, name: str, table: Any) -> CatalogueEntry:
    try:
        values: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
        }
        entry = CatalogueEntry(name=name, **values)
    except (TypeError, AttributeError) as exc:
        raise ModelError(f"{path}: entry {name}: {exc}") from exc
    names = (*entry.files, *entry.weights)
    if not (_NAME.match(name) and _REPOSITORY.match(entry.repository) and all(map(_FILE.match, names))):
        raise ModelError(f"{path}: entry {name}: a name, repository or file name has characters that are not allowed")
    return entry


def find_entry(name: str, entries: tuple[CatalogueEntry, ...]) -> CatalogueEntry:
    """Return the entry of this name.

    Raises:
        UsageError: there is none; lists those there are.
    """
    for entry in entries:
        if entry.name == name:
            return entry
    if name in model_names():
        raise UsageError(f"{name} is installed already and is not in the catalogue; there is nothing to pull")
    raise UsageError(f"the catalogue has no model {name!r}; available: {', '.join(e.name for e in entries)}")


def pull(entry: CatalogueEntry, *, force: bool = False, progress: PullProgress | None = None) -> Path:
    """Download, verify, convert and install a model; return its folder.

    Args:
        entry: the model.
        force: replace it if it is installed already.
        progress: told about the bytes of each file.

    Raises:
        UsageError: it is installed already.
        ModelError: no network, a file is missing on the hub, a checksum is wrong, or the conversion failed. Nothing is
            installed then, and what has been downloaded is kept for the next try.
        MissingExtraError: the conversion needs transformers; found out before anything large is downloaded.
    """
    place = models_folder() / entry.name
    if place.exists() and not force:
        raise UsageError(f"{entry.name} is installed already in {place}; use --force to fetch it again")
    remote = _look_up_all(entry)
    weights = next(name for name in entry.weights if name in remote)
    if needs_transformers(entry.kind, weights):
        import_transformers()
    downloads = cache_folder() / "downloads" / entry.name / (_commit(remote) or entry.revision)
    digests = {name: _download_one(entry, name, file, downloads, progress) for name, file in remote.items()}
    _install(entry, downloads, weights, place, _card(entry, _commit(remote), digests[weights], weights))
    shutil.rmtree(downloads.parent, ignore_errors=True)
    return place


def _look_up_all(entry: CatalogueEntry) -> dict[str, RemoteFile]:
    """Return what the hub has of the entry's files: every needed one, and the first of the weights that it has."""
    hub = hub_address()
    found: dict[str, RemoteFile] = {}
    for name in (*entry.files, *entry.weights):
        if name in entry.weights and any(known in found for known in entry.weights):
            continue
        remote = look_up(file_url(hub, entry.repository, entry.revision, name))
        if remote is not None:
            found[name] = remote
    lacking = [name for name in entry.files if name not in found and name != "generation_config.json"]
    if not any(name in found for name in entry.weights):
        lacking.append(" or ".join(entry.weights))
    if lacking:
        raise ModelError(
            f"{hub} has no {', '.join(lacking)} in {entry.repository} at revision {entry.revision} that may be read "
            f"without an account; nothing was installed"
        )
    return found


def _commit(remote: Mapping[str, RemoteFile]) -> str:
    commits = {file.commit for file in remote.values()}
    commit = commits.pop() if len(commits) == 1 else ""
    return commit if re.fullmatch(r"[0-9a-f]{40}", commit) else ""


def _download_one(
    entry: CatalogueEntry, name: str, remote: RemoteFile, folder: Path, progress: PullProgress | None
) -> str:
    path = folder / name
    expected = entry.sha256.get(name, "")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A file that an earlier try has finished is not fetched again if there is a checksum to know it by.
        if path.exists() and (expected or remote.sha256) and file_digest(path) == (expected or remote.sha256):
            return file_digest(path)
        return download(
            remote, path, sha256=expected, progress=progress and (lambda done, size: progress(name, done, size))
        )
    except OSError as exc:
        raise ModelError(f"{path}: cannot be written ({exc.strerror}); nothing was installed") from exc


def _card(entry: CatalogueEntry, commit: str, weights_digest: str, weights: str) -> list[str]:
    """Return the first lines of the card of an installed model."""
    facts = {
        "name": entry.name,
        "licence": entry.licence,
        "repository": entry.repository,
        "revision": entry.revision,
        "commit": commit,
        "downloaded": f"{weights} sha256:{weights_digest}",
    }
    lists = {"source_prefix": entry.source_prefix, "target_prefix": entry.target_prefix}
    return [
        # Strings and lists of strings are written alike in JSON and TOML.
        *(f"{key} = {json.dumps(value)}" for key, value in {**facts, **lists}.items()),
        *([] if entry.flores_chrf is None else ["", "[figures]", f"flores_devtest = {{ chrf = {entry.flores_chrf} }}"]),
    ]


def _install(entry: CatalogueEntry, downloads: Path, weights: str, place: Path, card: list[str]) -> None:
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".installing-", dir=place.parent) as workshop:
            built = Path(workshop) / entry.name
            (built / BUILT_FOLDER).mkdir(parents=True)
            convert_checkpoint(downloads, weights, built / BUILT_FOLDER, kind=entry.kind)
            for name in entry.files:
                if (downloads / name).is_file():
                    shutil.copyfile(downloads / name, built / name)
            made = sorted(p.relative_to(built).as_posix() for p in built.rglob("*") if p.is_file())
            digests = [f'"{name}" = "{file_digest(built / name)}"' for name in made]
            (built / CARD).write_text("\n".join([*card, "", "[files]", *digests, ""]), encoding="utf-8")
            if place.exists():
                place.rename(Path(workshop) / "old")
            built.rename(place)
    except OSError as exc:
        raise ModelError(f"{place}: cannot be written ({exc.strerror}); nothing was installed") from exc


def verify(name: str) -> int:
    """Check every file of an installed or shipped model against its card; return how many files were checked.

    Raises:
        UsageError: no model has this name.
        ModelError: a file is missing or damaged, or the model has no card to check against.
    """
    folder = resolve_model(name)
    if not (folder / CARD).is_file():
        raise ModelError(f"{folder}: has no {CARD}, so there is nothing to check it against")
    return len(read_card(folder, thorough=True).files)
