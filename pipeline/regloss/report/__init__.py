"""What a run found, as HTML, Markdown and JSON."""
