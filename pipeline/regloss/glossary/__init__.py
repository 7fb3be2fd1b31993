"""Term entries, their stores, exchange formats, lint and examples.

`entry` holds the records, `forms` and `inflection` the surfaces under which wrong renderings appear; `yaml_file`,
`tabular`, `workbook`, `tbx_file` and `tmx_file` read files, `tabular`, `workbook` and `tbx_export` write them,
`yaml_edit` changes YAML in place; `store` puts layers together. `lint`, `fixing`, `examples` and `diff` check and
compare the whole; `keeping` turns a false positive into a guard; `suggest` foresees wrong renderings, `usage` and
`mining` find them in parallel texts, and `review` lets a person decide about them.
"""

from regloss.glossary.entry import CaseRule, Context, Example, Forbidden, Guard, Kind, TermEntry
from regloss.glossary.store import PROJECT_FILE, Glossary, bundled_names, load_glossary, read_file

__all__ = [
    "PROJECT_FILE",
    "CaseRule",
    "Context",
    "Example",
    "Forbidden",
    "Glossary",
    "Guard",
    "Kind",
    "TermEntry",
    "bundled_names",
    "load_glossary",
    "read_file",
]
