"""Self-training: which sentences are taken, from scripted scores, and the way with tiny models."""

import importlib
import json
import lzma
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertForTokenClassification

from arevent.corpus import document_from_record, read_corpus, write_corpus
from arevent.document import Article, TaggedSpan
from arevent.extractor import Extractor, prepare
from arevent.model import EventModel, ModelSettings
from arevent.spans import span_log_probs
from arevent.tagger import Tagger

SCRIPTS = Path(__file__).parents[1] / "training"
if not (SCRIPTS / "label_silver.py").is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
sys.path.insert(0, str(SCRIPTS))  # where Python looks when a script there is run
script = importlib.import_module("label_silver")
sys.path.remove(str(SCRIPTS))

KILLED = "قتل جندي قرب المدينة ثم قتل جندي آخر"


def refusal(extractor, text, **criteria):
    (entry,) = extractor.tagger.score([prepare(text).sentences])
    (found,) = extractor.find_spans([entry])
    return script.Criteria(**criteria).refusal(entry, found, extractor.ontology)


@pytest.mark.parametrize(
    ("scores", "criteria", "expected"),
    [
        pytest.param({}, {}, None, id="sure of all"),
        pytest.param({"tag": 0.78}, {}, "unsure span", id="spans"),
        pytest.param({"tag": 0.78}, {"span_score": 0.7}, None, id="spans that are sure enough"),
        pytest.param({"outside": 0.7}, {}, "unsure token", id="words outside of spans"),
        pytest.param({"role": 0.6}, {}, "unsure role", id="roles that are filled"),
        pytest.param({"role": 0.4}, {}, "unsure role", id="roles that are not filled"),
        pytest.param({"role": 0.1}, {}, None, id="roles that are surely not filled"),
        pytest.param({"modality": 0.7}, {}, "unsure modality", id="modality"),
        pytest.param({}, {"events": 3}, "few events", id="events"),
        pytest.param({}, {"max_tokens": 7}, "length", id="tokens"),
    ],
)
def test_what_a_sentence_lacks(scripted, scores, criteria, expected):
    assert refusal(scripted(**scores), KILLED, **criteria) == expected


def test_sentence_without_spans_can_be_kept(scripted):
    assert refusal(scripted(), "وصل الوزير إلى العاصمة أمس", events=0) is None


ARTICLES = [
    Article(f"{KILLED}.\nوصل الوزير إلى العاصمة.", id="a1", date="2018-05-01", title="خبر عاجل"),
    Article(f"{KILLED}.\nوعاد الهدوء إلى الشوارع.", id="a2", date="2018-05-02"),
    Article("قتل جندي في الشمال وقتل جندي بل قتل في الجنوب.", id="a3", date="2018-05-03"),
]


def labelled(extractor, articles=ARTICLES, gold=(), n_sentences=10, **settings):
    labeller = script.Labeller(extractor, list(gold), script.Criteria(), **settings)
    records = list(labeller.label(articles, n_sentences))
    return records, labeller.statistics


def test_kept_sentences_become_a_corpus(scripted):
    records, statistics = labelled(scripted())
    first, second = map(document_from_record, records)
    assert [(d.id, d.date, d.source) for d in (first, second)] == [
        ("a1", "2018-05-01", "silver"),
        ("a3", "2018-05-03", "silver"),
    ]
    assert first.text == f"{KILLED}."
    assert [(e.type, e.trigger.text, e.trigger.start) for e in first.events] == [
        ("Death", "قتل", 0),
        ("Death", "قتل", 24),
    ]
    arguments = [a for a in first.events[0].arguments if a.role in ("Target", "Count")]
    assert [(a.mention.text if a.mention else a.value) for a in arguments] == ["جندي", "جندي", 1]
    assert statistics.to_dict() == {
        "articles": {"read": 3},
        "sentences": {"read": 6, "few events": 2, "kept": 2, "length": 1, "known sentence": 1},
        "types": {"Death": 4},
        "modalities": {"actual": 4},
    }


def test_whole_articles_of_many_events_are_kept(scripted):
    """However unsure the labels; the first two have one event a sentence, or less."""
    unsure = scripted(tag=0.6, role=0.55)
    records, statistics = labelled(unsure, events_per_sentence=1.0)
    assert {record["doc_id"]: len(record["sentences"]) for record in records} == {"a2": 2, "a3": 1}
    assert statistics.sentences == {"read": 6, "kept": 3, "article of few events": 3}
    assert labelled(unsure, events_per_sentence=0.0, n_sentences=4)[1].sentences["kept"] == 5


def test_it_stops_at_so_many_sentences(scripted):
    records, statistics = labelled(scripted(), n_sentences=1)
    assert [record["doc_id"] for record in records] == ["a1"]
    assert statistics.sentences["kept"] == 1


def test_gold_documents_and_their_copies_are_left_out(scripted):
    gold = [
        replace(prepare(ARTICLES[0]), id="other"),  # the same text under another name
        replace(prepare("وصف آخر لما حدث أمس"), id="a3"),
    ]
    records, statistics = labelled(scripted(), gold=gold)
    assert records == []
    assert statistics.articles == {"near-duplicate": 1, "read": 1, "in gold": 1}
    assert statistics.sentences == {"read": 2, "known sentence": 1, "few events": 1}


def test_rare_types_are_preferred(scripted, news_document):
    """Twenty-eight deaths, no arrest: an average of one a type."""
    gold = [replace(news_document, events=news_document.events[:1] * 28)]

    def share(event_types, rarity):
        labeller = script.Labeller(scripted(), gold, script.Criteria(), rarity)
        return sum(labeller._is_drawn(event_types) for _ in range(1000)) / 1000

    assert share({"Death"}, 0.0) == 1.0
    assert share({"Death"}, 1.0) == pytest.approx(2 / 29, abs=0.02)
    assert share({"Death"}, 0.5) == pytest.approx((2 / 29) ** 0.5, abs=0.04)
    assert share({"Death", "Arrest"}, 1.0) == 1.0


def test_texts_are_known_by_their_words():
    known = script.KnownTexts([prepare("واحد اثنان ثلاثة أربعة خمسة ستة")])  # four shingles
    assert known.has_near(prepare("واحد اثنان ثلاثة أربعة خمسة سبعة"))  # three of five
    assert not known.has_near(prepare("واحد اثنان ثلاثة أربعة سبعة ثمانية"))  # two of six
    assert not known.has_near(prepare("كلام آخر تماما"))


@pytest.fixture(scope="module")
def wide_model_dir(tmp_path_factory, tokenizer, ontology):
    """Another model of the same ontology, whose vectors have another width."""
    path = tmp_path_factory.mktemp("wide-model")
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=48,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        pad_token_id=1,
        id2label=dict(enumerate(ontology.tags)),
        label2id={tag: index for index, tag in enumerate(ontology.tags)},
    )
    settings = ModelSettings(max_pieces=64, linker_size=16, span_size=16)
    network = BertForTokenClassification(config)
    model = EventModel(network, None, ontology, settings)
    model.add_heads()
    model.save_pretrained(path)
    tokenizer.save(str(path / "tokenizer.json"))
    return path


@pytest.fixture
def taggers(tiny_model_dir, wide_model_dir):
    return [Tagger.from_pretrained(path, "cpu") for path in (tiny_model_dir, wide_model_dir)]


def test_one_model_twice_is_that_model(taggers):
    document = prepare(f"{KILLED}. في هجوم على بلدة")
    alone = Extractor(taggers[0])(document)
    twice = Extractor(script.Ensemble([taggers[0], taggers[0]]))(document)
    assert alone.events
    assert [(e.type, e.trigger.start, e.modality) for e in twice.events] == [
        (e.type, e.trigger.start, e.modality) for e in alone.events
    ]
    assert [e.score for e in twice.events] == pytest.approx([e.score for e in alone.events])
    assert [a.role for e in twice.events for a in e.arguments] == [
        a.role for e in alone.events for a in e.arguments
    ]


def normalized(probs):
    return probs / probs.sum(axis=1, keepdims=True)


def test_two_models_are_averaged(taggers):
    sentences = [prepare(KILLED).sentences]
    ensemble = script.Ensemble(taggers)
    both = ensemble.score(sentences)
    single = [tagger.score(sentences) for tagger in taggers]
    one, other = (np.exp(own[0].log_probs) for own in single)
    expected = normalized(np.sqrt(one * other))
    np.testing.assert_allclose(np.exp(both[0].log_probs), expected, rtol=1e-4)
    one, other = (np.exp(own[0].candidates.log_probs) for own in single)
    expected = normalized(np.sqrt(one * other))
    np.testing.assert_allclose(np.exp(both[0].candidates.log_probs), expected, rtol=1e-4)

    triggers, _, _ = Extractor(ensemble).find_spans(both)[0]
    assert triggers
    mentions = [TaggedSpan("ACTOR", 1, 2)]
    (found,) = ensemble.score_spans(both, [triggers], [mentions])
    own = [
        tagger.score_spans(scores, [triggers], [mentions])[0]
        for tagger, scores in zip(taggers, single, strict=True)
    ]
    assert not np.allclose(own[0].roles, own[1].roles)
    np.testing.assert_allclose(found.roles, (own[0].roles + own[1].roles) / 2, rtol=1e-5)
    modalities = (own[0].modalities + own[1].modalities) / 2
    np.testing.assert_allclose(found.modalities, modalities, rtol=1e-5)


def test_crf_has_its_share_of_the_vote_on_tags(taggers):
    """It is sure of «قتل», and knows nothing of some tags."""
    crf = SimpleNamespace(predict_marginals_single=lambda rows: [{"B-Death": 1.0}] * len(rows))
    sentences = [prepare(KILLED).sentences]
    ensemble = script.Ensemble(taggers[:1], crf, crf_weight=0.25)
    (alone,), (both,) = taggers[0].score(sentences), ensemble.score(sentences)
    vote = np.full(alone.log_probs.shape, 1e-6)
    vote[:, taggers[0].model.ontology.tags.index("B-Death")] = 1.0
    expected = normalized(np.exp(0.75 * alone.log_probs) * normalized(vote) ** 0.25)
    np.testing.assert_allclose(np.exp(both.log_probs), expected, rtol=1e-4)


def test_a_model_of_tags_alone_votes_on_spans_by_its_tags(taggers, ontology):
    taggers[1].model.span_head = None
    sentences = [prepare(KILLED).sentences]
    (own,), (tags,) = (tagger.score(sentences) for tagger in taggers)
    (both,) = script.Ensemble(taggers).score(sentences)
    vote = np.exp(span_log_probs(tags.log_probs, own.candidates.bounds, ontology, True))
    expected = normalized(np.sqrt(np.exp(own.candidates.log_probs) * vote))
    np.testing.assert_allclose(np.exp(both.candidates.log_probs), expected, rtol=1e-4)
    for tagger in taggers:
        tagger.model.span_head = None
    assert script.Ensemble(taggers).score(sentences)[0].candidates is None


def test_models_that_do_not_go_together_are_refused(taggers, ontology):
    taggers[1].model.ontology = replace(ontology, modalities=("actual",))
    with pytest.raises(ValueError, match="expected models of one ontology, found several"):
        script.Ensemble(taggers)
    taggers[1].model.ontology = ontology
    taggers[1].model.linker = None
    with pytest.raises(ValueError, match="expected models with a linker, found one without"):
        script.Ensemble(taggers)


def write_pool(path, records):
    text = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    path.write_bytes(lzma.compress(text.encode()) if path.suffix == ".xz" else text.encode())
    return path


POOL = [
    {"id": "a1", "date": "2018-07-31", "category": "x", "title": "خبر", "text": f"{KILLED}."},
    {"id": "a2", "date": "2018-08-01", "text": "وقع هجوم في البلدة وقتل فيه رجل."},
    {"id": "a3", "date": "", "text": "لا تاريخ لهذا الخبر عن الهجوم."},
]


@pytest.mark.parametrize("name", ["pool.jsonl", "pool.jsonl.xz"])
def test_pool_by_date_and_category(tmp_path, name):
    path = write_pool(tmp_path / name, POOL)
    assert [a.id for a in script.read_pool(path)] == ["a1", "a2", "a3"]
    assert [(a.id, a.title) for a in script.read_pool(path, "2018-08-01")] == [("a1", "خبر")]
    assert [a.id for a in script.read_pool(path, categories=["x"])] == ["a1"]


def test_line_that_is_no_article_is_named(tmp_path):
    path = write_pool(tmp_path / "pool.jsonl", [POOL[0], {"id": "a2"}])
    with pytest.raises(ValueError, match=r"pool\.jsonl:2: expected an article, found .*text"):
        script.read_pool(path)


def test_command_with_two_tiny_models(
    tiny_model_dir, wide_model_dir, news_document, tmp_path, monkeypatch, capsys
):
    pool = write_pool(tmp_path / "pool.jsonl.xz", POOL)
    gold, output = tmp_path / "gold.jsonl", tmp_path / "silver.jsonl"
    write_corpus([news_document], gold)
    thresholds = ["--span-score", "0", "--token-score", "0", "--role-score", "0"]
    thresholds += ["--modality-score", "0", "--events", "1", "--min-tokens", "1"]
    arguments = [str(tiny_model_dir), str(wide_model_dir), "--articles", str(pool)]
    arguments += ["--output", str(output), "--exclude", str(gold), "--before", "2018-08-01"]
    arguments += ["--dev", str(gold)]
    monkeypatch.setattr(sys, "argv", ["label_silver.py", *arguments, *thresholds])
    script.main()
    (document,) = read_corpus(output)
    assert (document.id, document.source) == ("a1", "silver")
    assert document.events
    statistics = json.loads(capsys.readouterr().out)
    assert statistics["dev"].keys() == {"Tri-I", "Tri-C", "Arg-C", "mentions", "modality"}
    assert statistics["articles"] == {"read": 1}
    assert statistics["sentences"]["kept"] == len(document.sentences)
    assert sum(statistics["types"].values()) == len(document.events)
