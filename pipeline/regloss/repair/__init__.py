"""Matching, guards and grammar: from a text and a glossary to edits with reasons."""
