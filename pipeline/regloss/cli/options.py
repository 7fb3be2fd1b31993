"""Options that several commands take, said once so that they read alike everywhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from regloss.document import Tier
from regloss.errors import UsageError
from regloss.formats import read_document
from regloss.repair import ARTEFACT_RULES, RepairOptions
from regloss.repair.unlisted import RULE as UNLISTED
from regloss.text import is_han

__all__ = [
    "ConfigOption",
    "GlossaryOption",
    "SourceFieldOption",
    "TierOption",
    "WithoutOption",
    "check_sides",
    "repair_options",
]

GlossaryOption = Annotated[
    list[str] | None,
    typer.Option("--glossary", "-g", help="Bundled name, YAML, CSV, TSV or TBX file; may be repeated."),
]
TierOption = Annotated[Tier | None, typer.Option(help="auto: only sure edits. review: proposed ones too.")]
WithoutOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="RULE",
        help="Switch off a rule: an artefact rule by its name, `all` of those, or `unlisted`, the search for wrong "
        "renderings that no glossary lists. May be repeated.",
    ),
]
SourceFieldOption = Annotated[
    str, typer.Option(metavar="NAME", help="Column with its source, or the JSON field beside it.")
]
ConfigOption = Annotated[Path | None, typer.Option("--config", help="Configuration file instead of ./regloss.toml.")]


def repair_options(tier: Tier, without: Sequence[str], *, unlisted: bool = True) -> RepairOptions:
    """Return the options of a repair, refusing names of rules that do not exist."""
    names = ("all", UNLISTED, *(rule.name for rule in ARTEFACT_RULES))
    for name in without:
        if name not in names:
            raise UsageError(f"there is no rule {name!r} to switch off; there are: {', '.join(names)}")
    if tier is Tier.LEAVE:
        raise UsageError("--tier takes auto or review")
    return RepairOptions.without(without, tier, unlisted=unlisted)


def check_sides(target: Path, source: Path) -> None:
    """Refuse a target and a source that have changed places; each is read, so a missing one is found at once."""
    texts = read_document(target).text, read_document(source).text
    if _han_share(texts[0]) > 0.5 and not any(map(is_han, texts[1])):
        raise UsageError(
            f"{target} is Chinese and {source} is not; TARGET is the English file, --source the Chinese one"
        )


def _han_share(text: str) -> float:
    letters = [char for char in text if char.isalpha()]
    return sum(map(is_han, letters)) / max(1, len(letters))
