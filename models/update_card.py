"""Put new weights into a model folder, and write what its card.toml says about its files.

    python models/update_card.py models/zh-en-small                       after any change of a file
    python models/update_card.py models/zh-en-small --weights FOLDER      FOLDER/model.safetensors becomes the model

Weights are stored as float16. New weights must have the names and shapes of the old ones: another architecture needs
another folder. Needs only numpy and safetensors.
"""

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

MARK = "# --- everything below is written by models/update_card.py ---"
WEIGHTS = "model.safetensors"
DESCRIBED = (".json", ".safetensors", ".spm")


def replace_weights(folder: Path, weights: Path) -> None:
    """Store the tensors of `weights` in `folder` as float16; all or nothing."""
    old, new = load_file(folder / WEIGHTS), load_file(weights)
    shapes = [{name: tensor.shape for name, tensor in tensors.items()} for tensors in (old, new)]
    if shapes[0] != shapes[1]:
        odd = sorted(set(shapes[0].items()) ^ set(shapes[1].items()))
        raise SystemExit(f"error: {weights} has another architecture; first difference: {odd[0]}")
    with np.errstate(over="ignore"):
        halved = {name: tensor.astype(np.float16) for name, tensor in new.items()}
    if not all(np.isfinite(tensor).all() for tensor in halved.values()):
        raise SystemExit(f"error: {weights} holds values that float16 cannot")
    temporary = folder / f".{WEIGHTS}.part"
    save_file(halved, temporary, metadata={"format": "pt"})
    temporary.replace(folder / WEIGHTS)


def generated_part(folder: Path) -> str:
    """Return the tables of card.toml that follow from the files."""
    tensors = load_file(folder / WEIGHTS)
    files = sorted(p for p in folder.iterdir() if p.suffix in DESCRIBED and not p.name.startswith("."))
    lines = [
        MARK,
        "",
        "[weights]",
        f"parameters = {sum(t.size for t in tensors.values())}",
        f'type = "{next(iter(tensors.values())).dtype}"',
        f"bytes = {(folder / WEIGHTS).stat().st_size}",
        "",
        "[files]",
        *(f'"{p.name}" = "{hashlib.sha256(p.read_bytes()).hexdigest()}"' for p in files),
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the command line and rewrite the card."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--weights", type=Path, metavar="FOLDER")
    arguments = parser.parse_args()
    if arguments.weights:
        replace_weights(arguments.folder, arguments.weights / WEIGHTS)
    card = arguments.folder / "card.toml"
    head = card.read_text(encoding="utf-8").partition(MARK)[0]
    temporary = card.with_name(".card.toml.part")
    temporary.write_text(head + generated_part(arguments.folder), encoding="utf-8")
    temporary.replace(card)
    sys.stdout.write(f"{card} written\n")


if __name__ == "__main__":
    main()
