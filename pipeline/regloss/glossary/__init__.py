"""Term entries, their stores, exchange formats, lint and examples.

`entry` holds the records, `forms` and `inflection` the surfaces under which wrong renderings appear; `yaml_file`,
`tabular` and `tbx_file` read files, `yaml_edit` changes them in place; `store` puts layers together; `lint` and
`examples` check the whole.
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
