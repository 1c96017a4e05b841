import json
import shutil

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from transformers import AutoModelForTokenClassification, pipeline

import arevent
from arevent import tagger as tagger_module
from arevent.batching import make_candidates
from arevent.document import TaggedSpan
from arevent.model import LINKER_FILE, SPANS_FILE, EventModel, ModelSettings
from arevent.normalize import normalize
from arevent.segment import segment
from arevent.spans import BioDecoder
from arevent.tagger import Tagger


@pytest.fixture(scope="module")
def tagger(tiny_extractor):
    return tiny_extractor.tagger


def sentences_of(text):
    return segment(normalize(text))


def test_one_row_a_token_whatever_the_text(tagger, hard_text):
    sentences = sentences_of(hard_text)
    scores = tagger.score([sentences])
    assert [len(entry.log_probs) for entry in scores] == [len(s.tokens) for s in sentences]
    for entry in scores:
        assert np.isfinite(entry.log_probs).all()
        assert np.exp(entry.log_probs).sum(axis=1) == pytest.approx(1, abs=1e-4)


def test_every_short_span_of_a_sentence_is_scored(tagger, hard_text):
    sentences = sentences_of(hard_text)
    for sentence, entry in zip(sentences, tagger.score([sentences]), strict=True):
        expected = make_candidates([len(sentence.tokens)]).tolist()
        assert entry.candidates.bounds.tolist() == expected
        probs = np.exp(entry.candidates.log_probs)
        assert probs.shape[1] == len(tagger.model.ontology.span_labels) + 1
        assert probs.sum(axis=1) == pytest.approx(1.0, abs=1e-4)


def test_spans_are_scored_alike_in_parts(tagger, monkeypatch):
    (sentence,) = sentences_of("وصل الوزير إلى المدينة " * 3)
    (whole,) = tagger.score([[sentence]])
    monkeypatch.setattr(tagger_module, "TOKENS_AT_ONCE", 7)
    first, parts, last = tagger.score([sentences_of("قتل جندي."), [sentence], sentences_of("وصل.")])
    assert parts.candidates.bounds.tolist() == whole.candidates.bounds.tolist()
    assert parts.candidates.log_probs == pytest.approx(whole.candidates.log_probs, abs=1e-4)
    assert [len(own.candidates.bounds) for own in (first, last)] == [6, 3]


def test_folder_without_a_span_head_finds_spans_by_their_tags(tiny_model_dir, tmp_path):
    folder = tmp_path / "tags-alone"
    shutil.copytree(tiny_model_dir, folder)
    (folder / SPANS_FILE).unlink()
    extractor = arevent.load(folder, device="cpu")
    (entry,) = extractor.tagger.score([sentences_of("قتل جندي في هجوم")])
    assert entry.candidates is None
    ((triggers, mentions, _),) = extractor.find_spans([entry])
    found = sorted((*triggers, *mentions), key=lambda span: span.token_start)
    assert found == BioDecoder(extractor.ontology.tags).decode(entry.log_probs)
    assert found


def test_word_without_pieces_gets_scores(tagger):
    (sentence,) = sentences_of("قتل \ufffc جندي")
    (entry,) = tagger.score([[sentence]])
    assert entry.log_probs.shape == (3, len(tagger.model.ontology.tags))


@pytest.mark.parametrize("batch_pieces", [1, 4096])
def test_scores_do_not_depend_on_what_is_read_beside_a_document(tagger, batch_pieces):
    short, long = sentences_of("قتل جندي."), sentences_of("وصل الوزير إلى المدينة " * 3)
    (alone,) = tagger.score([short])
    other = Tagger(tagger.model, tagger.pieces._tokenizer, batch_pieces=batch_pieces)
    _, together = other.score([long, short])
    assert together.log_probs == pytest.approx(alone.log_probs, abs=1e-4)


def test_neighbours_give_context(tagger):
    sentences = sentences_of("وصل الوزير.\nقتل جندي.")
    (alone,) = tagger.score([sentences[1:]])
    _, beside = tagger.score([sentences])
    assert np.abs(beside.log_probs - alone.log_probs).max() > 1e-3


def test_long_sentence_is_read_to_its_end(tagger):
    (sentence,) = sentences_of("وصل الوزير " * 300 + "قتل")
    (entry,) = tagger.score([[sentence]])
    assert len(entry.log_probs) == 601
    assert np.isfinite(entry.vectors).all()
    assert np.abs(entry.vectors).sum(axis=1).min() > 0


def test_span_scores_have_one_entry_a_pair(tagger):
    sentences = sentences_of("قتل جندي في حلب.\nوصل الوزير.")
    scores = tagger.score([sentences])
    triggers = [[TaggedSpan("Death", 0, 1)], []]
    mentions = [[TaggedSpan("ACTOR", 1, 2), TaggedSpan("LOC", 3, 4)], [TaggedSpan("ACTOR", 1, 2)]]
    first, second = tagger.score_spans(scores, triggers, mentions)
    assert first.roles.shape == (1, 2, 8)
    assert first.modalities.shape == (1, 3)
    assert first.modalities.sum() == pytest.approx(1)
    assert second.roles.shape == (0, 1, 8)


def test_pairs_out_of_reach_have_no_probability(tagger):
    """Text without full stops must not ask for millions of pairs."""
    (sentence,) = sentences_of("قتل " + "في " * 200 + "جندي")
    scores = tagger.score([[sentence]])
    triggers = [[TaggedSpan("Death", 0, 1)]]
    mentions = [[TaggedSpan("ACTOR", 1, 2), TaggedSpan("ACTOR", 201, 202)]]
    (entry,) = tagger.score_spans(scores, triggers, mentions)
    assert entry.roles[0, 0].min() > 0
    assert entry.roles[0, 1].max() == 0


def test_no_spans_at_all(tagger):
    scores = tagger.score([sentences_of("وصل الوزير.")])
    (entry,) = tagger.score_spans(scores, [[]], [[]])
    assert entry.roles.shape == (0, 0, 8)


def test_saved_weights_are_half_precision_and_load_in_full(tiny_model_dir):
    (file,) = tiny_model_dir.glob("model*.safetensors")
    with safe_open(file, "pt") as weights:
        names = list(weights.keys())
        assert {weights.get_tensor(name).dtype for name in names} == {torch.float16}
    model = EventModel.from_pretrained(tiny_model_dir)
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}


def test_saving_and_loading_changes_no_score(tagger, tiny_model_dir, tmp_path):
    tagger.model.save_pretrained(tmp_path, dtype=torch.float32)
    (tmp_path / "tokenizer.json").write_bytes((tiny_model_dir / "tokenizer.json").read_bytes())
    sentences = sentences_of("قتل جندي في هجوم.")
    (before,), (after,) = (
        tagger.score([sentences]),
        Tagger.from_pretrained(tmp_path).score([sentences]),
    )
    assert (before.log_probs == after.log_probs).all()
    assert (before.candidates.log_probs == after.candidates.log_probs).all()


def test_folder_is_a_token_classifier_of_transformers(tiny_model_dir):
    network = AutoModelForTokenClassification.from_pretrained(tiny_model_dir)
    assert network.config.id2label[0] == "O"
    assert network.config.num_labels == 67


def test_bundled_model_is_found_by_its_name(tmp_path, monkeypatch):
    from arevent.bundle import BUNDLED_MODEL, find_model

    monkeypatch.chdir(tmp_path)
    assert find_model(BUNDLED_MODEL) == find_model()
    (tmp_path / BUNDLED_MODEL).mkdir()
    with pytest.raises(FileNotFoundError, match="expected a model folder with a"):
        find_model(BUNDLED_MODEL)


def test_bundled_model_runs_in_a_transformers_pipeline(extractor):
    from arevent.bundle import find_model

    tag = pipeline("token-classification", model=str(find_model()), aggregation_strategy="simple")
    found = {(entry["entity_group"], entry["word"]) for entry in tag("قتل ثلاثة جنود في هجوم")}
    assert ("Death", "قتل") in found


def test_tags_that_do_not_fit_the_ontology(tiny_model_dir, tmp_path):
    for file in tiny_model_dir.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    config = json.loads((tmp_path / "config.json").read_text())
    config["id2label"]["1"] = "B-PERSON"
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(ValueError, match=r"unknown to the ontology: \['B-PERSON'\].*'B-ACTOR'"):
        arevent.load(str(tmp_path))


@pytest.mark.parametrize(
    ("name", "content", "error", "message"),
    [
        pytest.param(
            "tokenizer.json", None, FileNotFoundError, "expected the tokenizer", id="no tokenizer"
        ),
        pytest.param(
            "config.json", {"arevent": {"horns": 2}}, ValueError, r"found \['horns'\]", id="newer"
        ),
    ],
)
def test_folder_that_is_incomplete_or_of_a_later_version(
    tiny_model_dir, tmp_path, name, content, error, message
):
    folder = tmp_path / "model"
    shutil.copytree(tiny_model_dir, folder)
    if content is None:
        (folder / name).unlink()
    else:
        config = json.loads((folder / name).read_text("utf-8"))
        (folder / name).write_text(json.dumps({**config, **content}), encoding="utf-8")
    with pytest.raises(error, match=message):
        arevent.load(str(folder), device="cpu")


def test_folder_without_a_linker_falls_back_on_rules(tiny_model_dir, tmp_path):
    for file in tiny_model_dir.iterdir():
        if file.name != "linker.safetensors":
            (tmp_path / file.name).write_bytes(file.read_bytes())
    extractor = arevent.load(str(tmp_path), device="cpu")
    assert extractor.linker == "rules"
    arguments = [a for event in extractor("قتل جندي في هجوم.").events for a in event.arguments]
    assert {argument.score for argument in arguments} <= {1.0}, "rules are sure"
    with pytest.raises(ValueError, match="expected rules, found 'model'"):
        arevent.load(str(tmp_path), linker="model")


def test_unknown_pooling():
    with pytest.raises(ValueError, match="expected mean or first, found 'last'"):
        ModelSettings(pooling="last")


def test_first_piece_pooling_reads_the_first_piece(tiny_model_dir):
    model = EventModel.from_pretrained(tiny_model_dir)
    tokenizer = Tokenizer.from_file(str(tiny_model_dir / "tokenizer.json"))
    model.settings = ModelSettings(max_pieces=64, pooling="first")
    sentences = sentences_of("المدنيين")
    (first,) = Tagger(model, tokenizer).score([sentences])
    ids = torch.tensor([tokenizer.encode("المدنيين").ids])
    with torch.inference_mode():
        hidden = model.tagger.base_model(input_ids=ids).last_hidden_state[0]
    assert first.vectors[0] == pytest.approx(hidden[1].numpy(), abs=1e-5)


@pytest.mark.parametrize(("file", "part"), [(LINKER_FILE, "rivals"), (SPANS_FILE, "inside")])
def test_heads_of_another_version_are_refused_with_a_way_out(tiny_model_dir, tmp_path, file, part):
    folder = tmp_path / "old"
    shutil.copytree(tiny_model_dir, folder)
    weights = load_file(folder / file)
    save_file({k: w for k, w in weights.items() if part not in k}, folder / file)
    with pytest.raises(ValueError, match="of another version of arevent: train it again"):
        EventModel.from_pretrained(folder)
