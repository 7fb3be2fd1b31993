"""Reading XML from files that nobody vouches for: no entities, no DTD, no network, no surprises in size."""

from pathlib import Path
from typing import Any

from regloss.errors import GlossaryError

__all__ = ["LANG", "content", "local_name", "parse_xml"]

LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parse_xml(data: bytes, path: Path) -> Any:
    """Return the root element (lxml), comments and processing instructions left out.

    Raises:
        GlossaryError: it is not well-formed, or defines or uses entities; names the line.
    """
    from lxml import etree  # type: ignore[import-untyped]

    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = etree.fromstring(data, parser).getroottree()
    except etree.XMLSyntaxError as exc:
        raise GlossaryError(f"is not well-formed XML: {' '.join(exc.msg.split())}", path, exc.lineno or None) from exc
    dtd = tree.docinfo.internalDTD
    defines = dtd is not None and any(True for _ in dtd.iterentities())
    if defines or any(element.tag is etree.Entity for element in tree.iter()):
        raise GlossaryError("defines or uses XML entities, which are not read; write the text out", path)
    return tree.getroot()


def local_name(element: Any) -> str:
    """Return the name of an element without its namespace; empty for what is no element."""
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def content(element: Any) -> str:
    """Return the text within an element, white space evened out."""
    return " ".join("".join(element.itertext()).split())
