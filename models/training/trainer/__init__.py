"""Training of the embedded translation model, stage by stage: `recipe` → `corpus` → `vocabulary`, `terms` → `store` →
`batches` → `network` → `loop`, with `validation`, `checkpoint` and `export` beside it. `train.py` puts them together.
"""
