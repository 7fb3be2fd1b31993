"""Lossless sentence splitting for Chinese and English.

`split` gives the spans of the sentences of a text; what lies between two spans is white space, so the spans and the
gaps together are the text. `segment_document` does it for every block of a document and names the segments.
"""

from regloss.segmentation.segments import segment_document
from regloss.segmentation.splitter import LANGUAGES, split

__all__ = ["LANGUAGES", "segment_document", "split"]
