"""Translators, batching, term constraints and translation memory.

`load_translator` turns a model's name into a `Translator`; `translate_with_terms` translates sentences and honours a
glossary; `translate_document` does so for a whole document and keeps its lines.
"""

from regloss.translation.documents import DocumentTranslation, translate_document, translate_texts
from regloss.translation.echo import EchoTranslator
from regloss.translation.engines import DEFAULT_MODEL, EngineOptions, load_translator, model_names, resolve_model
from regloss.translation.memory import RememberingTranslator, TranslationMemory
from regloss.translation.protocol import DEFAULT_DECODING, Attention, DecodingOptions, Translator
from regloss.translation.terms import RepairText, TermOutcome, TermTranslation, translate_with_terms

__all__ = [
    "DEFAULT_DECODING",
    "DEFAULT_MODEL",
    "Attention",
    "DecodingOptions",
    "DocumentTranslation",
    "EchoTranslator",
    "EngineOptions",
    "RememberingTranslator",
    "RepairText",
    "TermOutcome",
    "TermTranslation",
    "TranslationMemory",
    "Translator",
    "load_translator",
    "model_names",
    "resolve_model",
    "translate_document",
    "translate_texts",
    "translate_with_terms",
]
