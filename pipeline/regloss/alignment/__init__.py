"""Which source sentences belong to which target sentences, and whether the two texts are parallel at all."""
