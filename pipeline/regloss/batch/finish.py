"""The end of a batch: the logs of all items gathered, the record that `undo` needs, and the summary.

Entries are read one after the other and none is kept, so that memory does not grow with the batch.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from regloss.batch.fixing import BESIDE
from regloss.batch.items import Item
from regloss.batch.journal import Entry
from regloss.batch.setup import Setup, TaskName
from regloss.batch.summary import Summary, Tally, render_summary
from regloss.batch.tasks import LOGS
from regloss.batch.work import WORK, log_part
from regloss.formats import dump_json, write_atomic
from regloss.formats.output import refuse_clashes
from regloss.repair.undo import FileRecord
from regloss.run.record import run_record

__all__ = ["check_names", "finish"]

_SUMMARY = ("summary.json", "summary.md", "summary.html")
_FILES, _RECORD = "files.jsonl", "run.json"


def check_names(items: Sequence[Item], setup: Setup) -> None:
    """Refuse items whose results would lie where the batch writes its own files, or where a text lies that it reads.

    Raises:
        UsageError: names the first such item.
    """
    own = {*_SUMMARY, _FILES, WORK, *BESIDE, *(f"{kind}.jsonl" for kind in LOGS[setup.task])}
    refuse_clashes((item.file for item in items), setup.folder, own)


def finish(entries: Iterable[Entry], setup: Setup, signature: str) -> Summary:
    """Write what stands beside the results in the folder of a batch, and return the summary.

    Args:
        entries: one for each item, in their order.
    """
    folder, work = setup.folder, setup.folder / WORK
    tally = Tally(setup.task)
    kinds = LOGS[setup.task]
    undone = _undone(folder)
    with ExitStack() as stack:
        names = [f"{kind}.jsonl" for kind in kinds] + [_FILES, _RECORD]
        streams = [stack.enter_context((work / name).open("wb")) for name in names]
        *logs, lines, record = streams
        _begin_record(record, setup, signature)
        separator = b""
        for entry in entries:
            tally.add(entry)
            lines.write(_json(_line(entry)) + b"\n")
            for kind, log in zip(kinds, logs, strict=True):
                _copy(log_part(folder, kind, entry.name), log, entry)
            for part in _recorded(entry, setup.task, undone):
                record.write(separator + b"\n    " + _json(part))
                separator = b","
        record.write(b"\n  ]\n}\n")
    summary = tally.summary(signature)
    for name, text in render_summary(summary).items():
        # A page shows what no name should hold; the other files hold it.
        write_atomic(folder / name, (text.rstrip("\n") + "\n").encode("utf-8", "backslashreplace"))
    for name in names:
        if name != _RECORD or setup.task is not TaskName.SCORE:
            (work / name).replace(folder / name)
    return summary


def _begin_record(stream: BinaryIO, setup: Setup, signature: str) -> None:
    """Write `run.json` up to the list of its files, which comes last."""
    configuration: dict[str, Any] = {**setup.config.as_record(), "fields": asdict(setup.fields)}
    record = run_record(f"batch {setup.task}", signature, (), configuration)
    if setup.task is TaskName.RUN:
        # Each job has a run.json of its own, which alone knows what was undone.
        record["runs"] = []
    text = dump_json(record, indent=2)
    stream.write(text.removesuffix("[]\n}").encode() + b"[")


def _recorded(entry: Entry, task: TaskName, undone: Mapping[str, FileRecord]) -> Iterator[object]:
    """Yield what `run.json` lists of an item."""
    if task is TaskName.RUN and not entry.error:
        yield entry.name
    for file in entry.files:
        earlier = undone.get(file["name"])
        same = earlier is not None and (earlier.before, earlier.after) == (file["before"], file["after"])
        yield earlier.as_record() if earlier is not None and same else file


def _undone(folder: Path) -> dict[str, FileRecord]:
    """Return by name the files of an earlier end of the batch of which single terms were undone since."""
    try:
        files = json.loads((folder / _RECORD).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, KeyError):
        return {}
    return {file["name"]: FileRecord.of(file) for file in files if file.get("undone")}


def _line(entry: Entry) -> dict[str, Any]:
    return {"name": entry.name, **({"error": entry.error} if entry.error else entry.counts)}


def _copy(part: Path, log: BinaryIO, entry: Entry) -> None:
    if not entry.error and part.exists():
        with part.open("rb") as stream:
            shutil.copyfileobj(stream, log)


def _json(record: object) -> bytes:
    return dump_json(record).encode()
