"""Translators, batching, term constraints and translation memory."""
