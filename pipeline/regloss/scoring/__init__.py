"""Metrics, checks, choice among hypotheses."""
