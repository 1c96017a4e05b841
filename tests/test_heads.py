import pytest
import torch

from arevent.batching import make_candidates, make_pairs
from arevent.document import TaggedSpan
from arevent.heads import MAX_SPAN, Linker, SpanHead
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


def test_candidates_are_all_short_spans_of_a_sentence():
    found = make_candidates([2, 0, MAX_SPAN + 2])
    own = found[found[:, 0] >= 2] - 2
    assert found[found[:, 0] < 2].tolist() == [[0, 0], [0, 1], [1, 1]]
    n = MAX_SPAN + 2
    expected = [[a, b] for a in range(n) for b in range(a, n) if b - a < MAX_SPAN]
    assert own.tolist() == expected
    assert make_candidates([]).shape == (0, 2)


def test_a_span_is_scored_alike_whatever_stands_beside_it(vectors):
    """The mean of its tokens is that of its own tokens, however many precede."""
    torch.manual_seed(4)
    head = SpanHead(12, 5, size=16).eval()
    both = torch.cat([torch.full((500, 12), 1e4), vectors])
    with torch.no_grad():
        alone = head(vectors, make_candidates([12]))
        beside = head(both, make_candidates([500, 12]))[-len(alone) :]
        changed = vectors.clone()
        changed[1] += 1.0
        other = head(changed, make_candidates([12]))
    assert alone.shape == (len(make_candidates([12])), 6)
    assert torch.allclose(alone, beside, atol=1e-5)
    bounds = make_candidates([12])
    has_changed = (alone - other).abs().amax(dim=1) > 1e-6
    assert has_changed.tolist() == ((bounds[:, 0] <= 1) & (bounds[:, 1] >= 1)).tolist()
