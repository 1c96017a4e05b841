"""Training of event models on annotated corpora; needs the extra ``train``."""

from arevent.train.config import TrainConfig

__all__ = ["TrainConfig"]
