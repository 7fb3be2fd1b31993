"""Term entries, their stores, exchange formats, lint and examples."""
