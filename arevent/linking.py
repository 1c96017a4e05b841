"""Role scores, or rules, to links: which mention fills which role of which trigger."""

from __future__ import annotations

import importlib.resources
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import yaml

from arevent.document import Link, Sentence, TaggedSpan
from arevent.ontology import Ontology


def link_by_scores(
    triggers: Sequence[TaggedSpan],
    mentions: Sequence[TaggedSpan],
    scores: np.ndarray,
    ontology: Ontology,
    threshold: float = 0.5,
) -> list[Link]:
    """Take every role that the ontology allows and the model finds probable.

    A mention can fill several roles of one trigger, and roles of several triggers. How probable a
    role is, the model says of spans that are right; it counts the less the less sure these are, by
    the geometric mean of their scores. (With their product, doubt that both share, such as that of
    a whole clause, would count twice.)

    Args:
        triggers: The triggers of a sentence.
        mentions: Its mentions.
        scores: Probabilities, shape ``(triggers, mentions, roles)``.
        ontology: The constraints, and the order of the roles.
        threshold: Probability from which a role is filled.

    Returns:
        Links in the order of triggers, roles and mentions; their score is that of the role alone.
    """
    roles = list(ontology.roles)
    of_spans = np.sqrt(np.outer([t.score for t in triggers], [m.score for m in mentions]))
    is_probable = scores * of_spans[:, :, None] >= threshold
    return [
        Link(t, m, role, float(scores[t, m, r]))
        for t, trigger in enumerate(triggers)
        for r, role in enumerate(roles)
        for m, mention in enumerate(mentions)
        if is_probable[t, m, r] and ontology.allows(trigger.label, role, mention.label)
    ]


@dataclass(frozen=True, slots=True)
class LinkingRules:
    """The content of ``resources/linking_rules.yaml``, where each entry is explained."""

    reporting_words: frozenset[str]
    reporting_distance: int
    patient_first: frozenset[str]
    agents_only: frozenset[str]
    count_distance: int


@cache
def shipped_rules() -> LinkingRules:
    """Read the shipped rules."""
    file = importlib.resources.files("arevent") / "resources" / "linking_rules.yaml"
    data = yaml.safe_load(file.read_text(encoding="utf-8"))
    return LinkingRules(
        frozenset(data["reporting_words"]),
        data["reporting_distance"],
        frozenset(data["patient_first"]),
        frozenset(data["agents_only"]),
        data["count_distance"],
    )


def link_by_rules(
    sentence: Sentence,
    triggers: Sequence[TaggedSpan],
    mentions: Sequence[TaggedSpan],
    ontology: Ontology,
    rules: LinkingRules | None = None,
) -> list[Link]:
    """Link without a model: the baseline, and the linker of checkpoints that have none.

    A speaker is the source of all events of the sentence. Any other mention goes to the nearest
    trigger that has a role for it; whether an actor does it or suffers it follows from its side
    of the trigger and from the type.

    Args:
        sentence: The sentence.
        triggers: Its triggers.
        mentions: Its mentions.
        ontology: The constraints; role names of the shipped ontology carry the rules.
        rules: Word lists and distances; the shipped ones by default.

    Returns:
        Links with score 1, in the order of mentions.
    """
    rules = rules or shipped_rules()
    links: list[Link] = []
    for m, mention in enumerate(mentions):
        if _is_speaker(sentence, mention, rules) and "Source" in ontology.roles:
            links += (
                Link(t, m, "Source")
                for t, trigger in enumerate(triggers)
                if ontology.allows(trigger.label, "Source", mention.label)
            )
            continue
        for t in sorted(range(len(triggers)), key=lambda t: _distance(triggers[t], mention)):
            role = _role(triggers[t], mention, ontology, rules)
            if role:
                links.append(Link(t, m, role))
                break
    return links


def _role(
    trigger: TaggedSpan, mention: TaggedSpan, ontology: Ontology, rules: LinkingRules
) -> str | None:
    """Choose the first role, in the order of plausibility, that the ontology allows."""
    for role in _plausible_roles(trigger, mention, rules):
        if role in ontology.roles and ontology.allows(trigger.label, role, mention.label):
            return role
    return None


def _plausible_roles(
    trigger: TaggedSpan, mention: TaggedSpan, rules: LinkingRules
) -> Iterator[str]:
    is_after = mention.token_start >= trigger.token_end
    if mention.label == "ACTOR":
        suffers = is_after and trigger.label in rules.patient_first
        yield "Target" if suffers and trigger.label not in rules.agents_only else "Agent"
        yield "Agent"
        yield "Target"
    elif mention.label == "NUM":
        if _distance(trigger, mention) <= rules.count_distance:
            yield "Count"
            yield "AgentCount"
    else:
        if trigger.label == "Takeover" and is_after and mention.label == "LOC":
            yield "Target"
        yield from ("Place", "Time", "Instrument", "Target")


def _is_speaker(sentence: Sentence, mention: TaggedSpan, rules: LinkingRules) -> bool:
    """Whether an actor begins shortly after a reporting word, with no other clause between."""
    if mention.label != "ACTOR":
        return False
    first = max(0, mention.token_start - rules.reporting_distance)
    words = [token.norm for token in sentence.tokens[first : mention.token_start]]
    for word in reversed(words):
        if word in rules.reporting_words or word[1:] in rules.reporting_words:
            return True
        if word in ("،", ".", "إن", "أن", '"', ":"):
            return False
    return False


def _distance(trigger: TaggedSpan, mention: TaggedSpan) -> int:
    """Count the tokens between two spans."""
    if mention.token_start >= trigger.token_end:
        return mention.token_start - trigger.token_end
    return trigger.token_start - mention.token_end
