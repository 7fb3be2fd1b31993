"""`regloss glossary`: look into, change, check, exchange and grow glossaries."""

# Each module hangs its commands on the application as it is imported; the help lists them in this order.
from regloss.cli.glossary.application import glossary_app

from regloss.cli.glossary import browse, change, quality, growth, exchange  # isort: skip

__all__ = ["browse", "change", "exchange", "glossary_app", "growth", "quality"]
