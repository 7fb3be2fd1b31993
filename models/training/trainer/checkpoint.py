"""Keeps the state of a training run in files of bounded size, atomically.

A state is a manifest ``state.json`` that names the parts and their checksums, and the parts themselves. The manifest
is replaced last and in one step: whenever a run is killed, the state before or the state after is whole.
"""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

from trainer.recipe import RecipeError

__all__ = ["has_state", "load_state", "save_state"]

_MANIFEST = "state.json"


def has_state(folder: Path) -> bool:
    """Tell whether `folder` holds a saved state."""
    return (folder / _MANIFEST).is_file()


def save_state(folder: Path, state: dict[str, Any], *, part_bytes: int = 0) -> None:
    """Save `state`: tensors, numbers, texts and containers of them. Parts hold `part_bytes` at most (0: one part)."""
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    stream = io.BytesIO()
    torch.save(state, stream)
    content = stream.getbuffer()
    size = part_bytes or len(content)
    parts = []
    for number, start in enumerate(range(0, len(content), size)):
        part = content[start : start + size]
        # The step is in the name, so that the parts of the state before stay whole meanwhile.
        name = f"state-{state['step']:08d}.{number:03d}"
        (folder / f".{name}.part").write_bytes(part)
        (folder / f".{name}.part").replace(folder / name)
        parts.append({"name": name, "sha256": hashlib.sha256(part).hexdigest()})
    temporary = folder / f".{_MANIFEST}.part"
    temporary.write_text(json.dumps({"step": state["step"], "parts": parts}, indent=1) + "\n", encoding="utf-8")
    temporary.replace(folder / _MANIFEST)
    wanted = {part["name"] for part in parts}
    for path in folder.glob("state-*"):
        if path.name not in wanted:
            path.unlink()


def load_state(folder: Path) -> dict[str, Any]:
    """Load what `save_state` saved, onto the CPU. Nothing in the files can run code.

    Raises:
        RecipeError: a file is missing or damaged.
    """
    import torch

    try:
        parts = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))["parts"]
        contents = [(folder / Path(part["name"]).name).read_bytes() for part in parts]
    except (OSError, ValueError, KeyError) as exc:
        raise RecipeError(f"{folder}: the saved state cannot be read ({exc}); start again without --resume") from exc
    for part, content in zip(parts, contents, strict=True):
        if hashlib.sha256(content).hexdigest() != part["sha256"]:
            raise RecipeError(f"{folder / part['name']}: is damaged; start again without --resume")
    loaded: dict[str, Any] = torch.load(io.BytesIO(b"".join(contents)), map_location="cpu", weights_only=True)
    return loaded
