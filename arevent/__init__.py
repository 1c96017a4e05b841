"""Event frames from Arabic news: what happened, who did it to whom, where, when, how many."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from arevent.document import Argument, Article, Document, EventFrame, Mention, Sentence, Span, Token

if TYPE_CHECKING:
    from arevent.extractor import Extractor
    from arevent.ontology import Ontology

__version__ = "0.1.0"

__all__ = [
    "Argument",
    "Article",
    "Document",
    "EventFrame",
    "Extractor",
    "Mention",
    "Ontology",
    "Sentence",
    "Span",
    "Token",
    "load",
]


def load(
    model: str | None = None,
    *,
    device: str | None = None,
    linker: str | None = None,
    threshold: float | None = None,
    role_threshold: float | None = None,
) -> Extractor:
    """Load an extractor.

    Args:
        model: A model folder or a hub name; the bundled model if ``None``.
        device: Where the model runs, such as ``cpu`` or ``cuda``; a GPU if there is one.
        linker: ``model`` for the learned linker, ``rules`` for the baseline; the learned one if
            the model has it.
        threshold: Probability from which a word is taken for a trigger: a lower one finds more
            events, a higher one is surer of them; the model's card shows what each costs. The
            model's own if ``None``.
        role_threshold: Probability from which a role is filled; the model's own if ``None``.

    Returns:
        The extractor; call it with a text.

    Raises:
        FileNotFoundError: If there is no such model.
        ImportError: If torch or transformers is not installed.
        ValueError: If a threshold is no probability, or the model has no such linker.

    Example:
        >>> extractor = arevent.load()  # doctest: +SKIP
        >>> document = extractor("قتل ثلاثة جنود في هجوم قرب المدينة.")  # doctest: +SKIP
        >>> [event.type for event in document.events]  # doctest: +SKIP
        ['Death', 'Attack']
    """
    from arevent.extractor import Extractor

    return Extractor.from_pretrained(
        model,
        device=device,
        linker=linker,
        threshold=threshold,
        role_threshold=role_threshold,
    )


def __getattr__(name: str) -> Any:
    """Import the heavier public names when they are asked for."""
    if name == "Extractor":
        from arevent.extractor import Extractor

        return Extractor
    if name == "Ontology":
        from arevent.ontology import Ontology

        return Ontology
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
