"""The main job: read → segment → align → repair → retranslate → score → choose → write.

`repairing` is the first half, shared with `fix`; `job` is the whole; `writing` puts it into a folder. Every stage is
handed what it needs, so that this is the one room that knows them all.
"""

from regloss.run.job import RunResult, run
from regloss.run.repairing import Repaired, repair_document, repair_signature
from regloss.run.writing import write_results

__all__ = ["Repaired", "RunResult", "repair_document", "repair_signature", "run", "write_results"]
