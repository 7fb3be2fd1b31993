"""Which source sentences belong to which target sentences, and whether the two texts are parallel at all.

`align` answers both; give it a lexicon (the bundled one, a glossary, or `Lexicons` of several) for a surer verdict.
Word alignment and the bilingual lexicon stand in `regloss.alignment.words` and `regloss.alignment.lexicon`.
"""

from regloss.alignment.aligner import align
from regloss.alignment.anchors import Lexicons, WordTranslations
from regloss.alignment.record import Alignment, Link

__all__ = ["Alignment", "Lexicons", "Link", "WordTranslations", "align"]
