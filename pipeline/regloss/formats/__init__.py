"""Files to documents and back, byte for byte outside the edits."""
