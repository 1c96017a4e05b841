"""The parts of `training/pretrain.py`; they need torch, transformers and numpy alone."""
