"""regloss repairs machine-translated text: repair by glossary, retranslate by model, choose by score."""

__version__ = "0.1.0"

__all__ = ["__version__"]
