"""Measure what limits training on this machine: pieces a second by batch size and precision.

    python training/measure_speed.py --encoder build/encoder

Each row is the best of a few steps of the encoder alone, forward, backward and optimizer, in one
run: compare rows, not runs.
"""

from __future__ import annotations

import argparse
import time

import torch
from transformers import AutoModel

SHAPES = ((8, 40), (16, 40), (32, 40), (2, 192), (4, 192))
STEPS = 4


def step_seconds(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer, shape: tuple[int, int], is_bf16: bool
) -> tuple[float, float]:
    """Time one step: forward and backward, then the optimizer."""
    ids = torch.randint(5, model.config.vocab_size, shape)
    started = time.perf_counter()
    with torch.autocast("cpu", torch.bfloat16, enabled=is_bf16):
        states = model(input_ids=ids, attention_mask=torch.ones_like(ids)).last_hidden_state
    states.float().square().mean().backward()
    computed = time.perf_counter()
    optimizer.step()
    optimizer.zero_grad()
    return computed - started, time.perf_counter() - computed


def main() -> None:
    """Read the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--encoder", default="build/encoder")
    model = AutoModel.from_pretrained(parser.parse_args().encoder, dtype=torch.float32).train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, fused=True)
    print("windows\tpieces\tprecision\tpieces/s\toptimizer")
    for shape in SHAPES:
        for is_bf16 in (True, False):
            steps = [step_seconds(model, optimizer, shape, is_bf16) for _ in range(STEPS)]
            compute, update = (min(column) for column in zip(*steps, strict=True))
            rate = shape[0] * shape[1] / (compute + update)
            name = "bf16" if is_bf16 else "float32"
            share = update / (compute + update)
            print(f"{shape[0]}\t{shape[1]}\t{name}\t{rate:.0f}\t{share:.0%}")


if __name__ == "__main__":
    main()
