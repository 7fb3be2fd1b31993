"""What is asked of a batch: everything that its results depend on besides the files themselves."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import regloss
from regloss.config import Config
from regloss.document import Tier
from regloss.formats import Fields
from regloss.formats.fields import USUAL
from regloss.glossary.store import Glossary, load_glossary
from regloss.repair import RepairOptions
from regloss.run import repair_signature
from regloss.translation.engines import EngineOptions, load_translator

__all__ = ["Setup", "TaskName"]


class TaskName(StrEnum):
    """What a batch does with each of its items."""

    FIX = "fix"
    RUN = "run"
    SCORE = "score"


@dataclass(frozen=True, slots=True)
class Setup:
    """All that a worker needs to begin; small enough to be sent to another process.

    Attributes:
        folder: where results go.
        config: of the repair, and for the task ``run`` of the translation and the choice.
        task: what is done with each item.
        quality: of the task ``score``: estimate the quality of each segment with the translation model too.
        fields: which columns or fields of tables are read.
        threads: batches that one translator works on at once, 0 for one a processor core; results do not depend on it.
        moved: where glossary files of the configuration lie on this machine, by name, if not there.
    """

    folder: Path
    config: Config = Config()  # noqa: RUF009 - frozen
    task: TaskName = TaskName.FIX
    quality: bool = False
    fields: Fields = USUAL
    threads: int = 0
    moved: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """Name or folder of the translation model that the task works with, empty where it needs none."""
        by_task = {TaskName.FIX: self.config.check_likelihood, TaskName.RUN: True, TaskName.SCORE: self.quality}
        return self.config.model if by_task[self.task] else ""

    @property
    def options(self) -> RepairOptions:
        """The options of the repair."""
        config = self.config
        return RepairOptions.without(config.artefacts_off, Tier(config.tier), unlisted=config.unlisted)

    @property
    def engine(self) -> EngineOptions:
        """How the translation model is run."""
        return EngineOptions(workers=self.threads)

    def glossary(self) -> Glossary:
        """Return the glossary, newly loaded.

        Raises:
            InputError, UsageError: it cannot be.
        """
        return load_glossary([self.moved.get(name, name) for name in self.config.glossary])

    def signature(self) -> str:
        """Return the one line that says what the results depend on; a glossary or model that is missing shows here.

        Raises:
            InputError, UsageError, ModelError: the glossary or the model cannot be loaded.
        """
        glossary = self.glossary()
        line = f"regloss:{regloss.__version__}|glossary:{glossary.content_hash}"
        if self.task is not TaskName.SCORE:
            line = repair_signature(glossary, self.options)
            line += "|likelihood:on" if self.config.check_likelihood else ""
        if self.model:
            line += f"|model:{load_translator(self.model, self.engine).signature()}"
        if self.task is TaskName.RUN:
            line += f"|beam:{self.config.beam}|margin:{self.config.margin:g}|seed:{self.config.seed}"
        return line

    def request(self) -> Mapping[str, object]:
        """Return what must be the same for a batch to be gone on with, as the journal keeps it."""
        return {
            "task": str(self.task),
            "signature": self.signature(),
            "fields": [self.fields.target, self.fields.source],
        }
