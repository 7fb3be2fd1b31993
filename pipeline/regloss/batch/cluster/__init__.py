"""A batch on a cluster of machines, by Ray Data. Needs the extra ``ray``."""
