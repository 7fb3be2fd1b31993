"""Many documents: journal, resume, undo."""
