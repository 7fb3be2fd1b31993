"""The main job: read → segment → align → repair → retranslate → score → choose → write.

`repairing` is the first half, shared with `fix`; `job` is the whole; `writing` puts it into a folder. Every stage is
handed what it needs, so that this is the one room that knows them all.
"""

from regloss.run.job import RunResult, run
from regloss.run.repairing import Repaired, align_files, repair_document, repair_signature
from regloss.run.writing import write_results

__all__ = ["Repaired", "RunResult", "align_files", "repair_document", "repair_signature", "run", "write_results"]
