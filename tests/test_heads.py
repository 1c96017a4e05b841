import pytest
import torch

from arevent.batching import make_pairs
from arevent.document import TaggedSpan
from arevent.heads import Linker
from arevent.ontology import Ontology

TRIGGERS = [TaggedSpan("Death", 1, 2), TaggedSpan("Attack", 6, 7)]
MENTIONS = [TaggedSpan("ACTOR", 0, 1), TaggedSpan("ACTOR", 3, 5), TaggedSpan("LOC", 8, 10)]


@pytest.fixture(scope="module")
def ontology():
    return Ontology.from_file()


@pytest.fixture(scope="module")
def linker(ontology):
    torch.manual_seed(1)
    return Linker(12, ontology, size=16).eval()


@pytest.fixture(scope="module")
def vectors():
    return torch.randn(12, 12, generator=torch.Generator().manual_seed(2))


def roles(linker, vectors, ontology, sentences):
    with torch.no_grad():
        return linker.score_roles(vectors, make_pairs(ontology, sentences))


def test_scores_have_a_row_a_pair(linker, vectors, ontology):
    scores = roles(linker, vectors, ontology, [(0, TRIGGERS, MENTIONS)])
    assert scores.shape == (6, len(ontology.roles))


def test_a_sentence_is_scored_alike_whatever_stands_beside_it(linker, vectors, ontology):
    alone = roles(linker, vectors, ontology, [(0, TRIGGERS, MENTIONS)])
    both = torch.cat([torch.full((5, 12), 100.0), vectors])
    others = ([TaggedSpan("Strike", 0, 1)], [TaggedSpan("NUM", 2, 3)])
    beside = roles(linker, both, ontology, [(0, *others), (5, TRIGGERS, MENTIONS)])
    torch.testing.assert_close(beside[1:], alone)


def test_a_rival_changes_the_score_of_a_pair(linker, vectors, ontology):
    """The nearer mention must be able to take the role from the farther one."""
    alone = roles(linker, vectors, ontology, [(0, TRIGGERS[:1], MENTIONS[:1])])
    rivals = roles(linker, vectors, ontology, [(0, TRIGGERS[:1], MENTIONS[:2])])
    assert not torch.allclose(alone[0], rivals[0])


def test_what_stands_between_changes_the_score_of_a_pair(linker, vectors, ontology):
    pair = [(0, TRIGGERS[:1], MENTIONS[2:])]
    before = roles(linker, vectors, ontology, pair)
    changed = vectors.clone()
    changed[5] += 1.0  # between the trigger and the mention, in no span
    assert not torch.allclose(before, roles(linker, changed, ontology, pair))
    outside = vectors.clone()
    outside[11] += 1.0
    torch.testing.assert_close(before, roles(linker, outside, ontology, pair))


@pytest.mark.parametrize(
    "sentences",
    [[], [(0, [], MENTIONS)], [(0, TRIGGERS, [])], [(0, [], [])]],
    ids=["no sentence", "no trigger", "no mention", "neither"],
)
def test_nothing_to_pair(linker, vectors, ontology, sentences):
    assert roles(linker, vectors, ontology, sentences).shape == (0, len(ontology.roles))
