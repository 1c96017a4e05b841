"""Where models are: the bundled one, a folder, or a name on a hub."""

from __future__ import annotations

from pathlib import Path

BUNDLED_MODEL = "arevent-base"


def find_model(name: str | Path | None = None) -> Path:
    """Give the folder of a model.

    Args:
        name: A folder, or the name of a repository on the Hugging Face hub, which is downloaded;
            the bundled model if ``None``, or by its own name where there is no such folder.

    Raises:
        FileNotFoundError: If there is no such model.
    """
    if name is None or (str(name) == BUNDLED_MODEL and not Path(name).exists()):
        return _bundled()
    if (Path(name) / "config.json").is_file():
        return Path(name)
    if Path(name).exists() or len(Path(name).parts) != 2:
        raise FileNotFoundError(
            f"{name}: expected a model folder with a config.json, or a hub name such as "
            f"organisation/model"
        )
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(str(name)))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise FileNotFoundError(
            f"{name}: no such folder, and the hub did not give a model of this name: {error}"
        ) from error


def _bundled() -> Path:
    """The wheel carries the model inside the package, a checkout beside it."""
    package = Path(__file__).parent
    candidates = [parent / "models" / BUNDLED_MODEL for parent in (package, package.parent)]
    for path in candidates:
        if (path / "config.json").is_file():
            return path
    raise FileNotFoundError(
        f"expected the bundled model in {candidates[0]} or {candidates[1]}, found neither; "
        f"install a released wheel, or name a model folder"
    )
