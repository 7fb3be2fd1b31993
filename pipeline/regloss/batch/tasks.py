"""The three things that a batch can do with an item.

A task writes its results below ``room/files``, as they shall lie in the batch's folder, and its logs as
``room/logs/KIND.jsonl``; the logs of all items become one file a kind at the end. What it writes may depend on the item
and the `Setup` alone, so that a batch gives the same bytes wherever and in whatever order its items are done.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from regloss.batch.fixing import EditLog, FileOutcome, copy_log, fix_file
from regloss.batch.items import Item
from regloss.batch.scored import ItemScorer
from regloss.batch.setup import Setup, TaskName
from regloss.errors import InputError
from regloss.formats import dump_json, is_records, write_atomic
from regloss.formats.output import safe_join
from regloss.repair import Repairer
from regloss.repair.undo import FileRecord
from regloss.run import run, write_results
from regloss.run.job import FIXED, ORIGINAL, RETRANSLATED
from regloss.translation.engines import load_translator

__all__ = ["LOGS", "Made", "Task", "build_task"]

LOGS: Mapping[TaskName, tuple[str, ...]] = {
    TaskName.FIX: ("edits", "proposals"),
    TaskName.RUN: ("edits", "proposals"),
    TaskName.SCORE: ("findings",),
}


@dataclass(frozen=True, slots=True)
class Made:
    """What a task made of one item.

    Attributes:
        counts: figures of the item, by name; see `regloss.batch.summary`.
        terms: for `fix` and `run` applied edits, for `score` forbidden renderings, by source term.
        files: what `undo` needs of each repaired file, unless a `run.json` of the item's own has it.
    """

    counts: Mapping[str, float]
    terms: Mapping[str, int]
    files: tuple[FileRecord, ...] = ()


class Task(Protocol):
    """Works on items one after the other."""

    def __call__(self, item: Item, room: Path) -> Made:
        """Write the results of the item below `room`, an empty folder.

        Raises:
            ReglossError: the item cannot be worked on; says why.
        """
        ...


def build_task(setup: Setup) -> Task:
    """Return the task of a batch, with its glossary and its model loaded."""
    return _TASKS[setup.task](setup)


class _Fix:
    def __init__(self, setup: Setup) -> None:
        scorer = load_translator(setup.model, setup.engine) if setup.model else None
        self._repairer = Repairer(setup.glossary(), setup.options, scorer)

    def __call__(self, item: Item, room: Path) -> Made:
        logs = room / "logs"
        logs.mkdir()
        with ExitStack() as stack:
            edits, proposals = (
                stack.enter_context((logs / f"{kind}.jsonl").open("w", encoding="utf-8")) for kind in LOGS[TaskName.FIX]
            )
            log = EditLog(edits, proposals, self._repairer.options.applied)
            outcome, record = fix_file(item.file, room / "files", self._repairer, item.source, log)
        return Made(outcome.counts(), dict(sorted(outcome.terms.items())), (record,))


class _Run:
    def __init__(self, setup: Setup) -> None:
        self._config = setup.config
        self._translator = load_translator(setup.model, setup.engine)
        scorer = self._translator if setup.config.check_likelihood else None
        self._repairer = Repairer(setup.glossary(), setup.options, scorer)

    def __call__(self, item: Item, room: Path) -> Made:
        path = item.file.path
        if is_records(path):
            raise InputError("holds many documents, and the main job works on one and its source; use --task fix", path)
        if item.source is None:
            raise InputError("has no source file; name one in a manifest or with --source, or use --task fix", path)
        result = run(path, item.source, self._repairer, self._translator, self._config)
        # Seconds differ from one time to the next; those of a batch stand in its journal.
        result = replace(result, seconds={})
        place = safe_join(room / "files", item.file.name)
        record = write_results(place, path, item.source, result, self._repairer.glossary, self._config)
        logs = room / "logs"
        logs.mkdir()
        for kind in LOGS[TaskName.RUN]:
            copy_log(place / f"{kind}.jsonl", logs / f"{kind}.jsonl", {"": f"{item.file.name}/{record.name}"})
        outcome = FileOutcome(item.file.name)
        outcome.add(result.repaired)
        chosen = Counter(choice.hypothesis.system for choice in result.choices)
        counts = outcome.counts() | {f"chosen {name}": chosen[name] for name in (ORIGINAL, FIXED, RETRANSLATED)}
        return Made(counts, dict(sorted(outcome.terms.items())))


class _Score:
    def __init__(self, setup: Setup) -> None:
        self._scorer = ItemScorer(setup)

    def __call__(self, item: Item, room: Path) -> Made:
        scored = self._scorer(item)
        place = safe_join(room / "files", f"{item.file.name}.scores.json")
        write_atomic(place, _line(scored.table.as_record(), indent=2))
        lines = (_line({"file": item.file.name, **finding}) for finding in scored.findings)
        write_atomic(room / "logs" / "findings.jsonl", b"".join(lines))
        return Made(scored.counts, scored.terms)


def _line(record: Mapping[str, Any], indent: int | None = None) -> bytes:
    return (dump_json(record, indent) + "\n").encode()


_TASKS: Mapping[TaskName, Callable[[Setup], Task]] = {
    TaskName.FIX: _Fix,
    TaskName.RUN: _Run,
    TaskName.SCORE: _Score,
}
