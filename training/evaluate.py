"""Score the bundled model and write its card: `python training/evaluate.py gold-dev.jsonl`.

The same as `arevent evaluate CORPUS --model models/arevent-base --output models/arevent-base`.
"""

import sys
from pathlib import Path

from arevent.cli import app

if __name__ == "__main__":
    folder = str(Path(__file__).parents[1] / "models" / "arevent-base")
    app(["evaluate", *sys.argv[1:], "--model", folder, "--output", folder])
