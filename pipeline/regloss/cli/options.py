"""Options that several commands take, said once so that they read alike everywhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from regloss.document import Tier
from regloss.errors import UsageError
from regloss.repair import ARTEFACT_RULES, RepairOptions
from regloss.repair.unlisted import RULE as UNLISTED

__all__ = ["ConfigOption", "GlossaryOption", "SourceFieldOption", "TierOption", "WithoutOption", "repair_options"]

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
