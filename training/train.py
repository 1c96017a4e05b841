"""Train the first stage of the bundled model: `python training/train.py --encoder build/encoder`.

The same as `arevent train training/configs/arevent-base-1.yaml`, whose options it takes.
"""

import sys
from pathlib import Path

from arevent.cli import app

if __name__ == "__main__":
    app(["train", str(Path(__file__).parent / "configs" / "arevent-base-1.yaml"), *sys.argv[1:]])
