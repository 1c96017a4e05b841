"""Fixtures: no network, a tiny real model, the bundled model, hard texts."""

import socket
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForTokenClassification,
    BertModel,
    PreTrainedTokenizerFast,
)

import arevent
from arevent.corpus import document_from_record
from arevent.extractor import Extractor
from arevent.model import EventModel, ModelSettings
from arevent.ontology import Ontology
from arevent.tagger import SentenceScores, SpanScores

torch.set_num_threads(1)  # the networks are tiny: a second thread costs more than it brings

LETTERS = 'ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىي0123456789٠١٢٣٤٥٦٧٨٩.,،؟!:«»()"abcdefgh'


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    """Nothing here may need a network."""

    def refuse(*args, **kwargs):
        raise AssertionError("a test tried to open a network connection")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture(scope="session")
def ontology():
    return Ontology.from_file()


@pytest.fixture(scope="session")
def tokenizer():
    """A unigram tokenizer over letters, built like the real one."""
    special = [(piece, 0.0) for piece in ("<s>", "<pad>", "</s>", "<unk>", "<mask>")]
    letters = [(char, -5.0) for char in LETTERS]
    pieces = [("▁", -3.0), ("▁ال", -2.0), ("▁و", -2.0), ("ين", -3.0), ("▁في", -2.0)]
    tokenizer = Tokenizer(models.Unigram([*special, *letters, *pieces], unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return tokenizer


def tiny_config(tokenizer, n_tags):
    return BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
        pad_token_id=1,
        num_labels=n_tags,
    )


@pytest.fixture(scope="session")
def tiny_model_dir(tmp_path_factory, tokenizer, ontology):
    """A folder as training writes it, of a network with some 30,000 random weights."""
    path = tmp_path_factory.mktemp("tiny-model")
    torch.manual_seed(3)
    config = tiny_config(tokenizer, len(ontology.tags))
    config.id2label = dict(enumerate(ontology.tags))
    config.label2id = {tag: index for index, tag in enumerate(ontology.tags)}
    network = BertForTokenClassification(config)
    torch.nn.init.normal_(network.classifier.weight, std=1.0)
    settings = ModelSettings(max_pieces=64, linker_size=16, span_size=16)
    model = EventModel(network, None, ontology, settings)
    model.add_heads()
    model.save_pretrained(path)
    tokenizer.save(str(path / "tokenizer.json"))
    return path


@pytest.fixture(scope="session")
def encoder_dir(tmp_path_factory, tokenizer):
    """A pretrained encoder, as training takes it."""
    path = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(0)
    BertModel(tiny_config(tokenizer, 2), add_pooling_layer=False).save_pretrained(path)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>").save_pretrained(path)
    return path


@pytest.fixture(scope="session")
def tiny_extractor(tiny_model_dir):
    return arevent.load(str(tiny_model_dir), device="cpu")


@pytest.fixture(scope="session")
def extractor():
    """The bundled model, which reads real text."""
    return arevent.load(device="cpu")


HARD_TEXTS = {
    "plain": "قتل ثلاثة جنود في هجوم قرب المدينة.",
    "full diacritics": "قُتِلَ ثَلاثَةُ جُنُودٍ فِي هُجُومٍ قُرْبَ الْمَدِينَةِ.",
    "tatweel": "مقتـــل عشـــرة أشخـــاص في الهجـــوم",
    "right-to-left marks": "\u200fقتل\u200f ثلاثة\u200e جنود\u200f.\u200f",
    "bidi embedding": "\u202bقتل ثلاثة جنود\u202c في \u2067هجوم\u2069",
    "zero-width joiners": "قت\u200cل ثلا\u200dثة في هج\u200bوم",
    "lam-alef ligatures": "ﻻ قتلى في ﺍﻟﻬﺠﻮﻡ وﻵخرون",
    "word ligatures": "قال النبي ﷺ بسم ﷲ في هجوم",
    "Arabic-Indic digits": "قتل ١٢٬٥٠٠ شخص و٣٫٥ مليون نازح و12 جنديا",
    "carriage returns": "قتل ثلاثة.\r\nأصيب أربعة.\r\n\r\nانتهى الهجوم.",
    "emoji": "قتل 3 😢 في هجوم 👨‍👩‍👧 كبير 🇸🇾",
    "Latin and links": "قالت Reuters إن https://example.org/a?b=1#c هجوم (AFP)",
    "no space after a dot": "قتل ثلاثة.أصيب أربعة؟نعم",
    "only spaces": " \u00a0\t\n ",
    "only marks": "\u064b\u200f\u0640",
    "decomposed": "ا\u0654صيب ا\u0654ربعة في مو\u0654تمر الا\u0653ن",
    "ligatures with marks": "شكر\ufd3c \ufc5b هجوم \ufc90",
    "empty": "",
    "lone surrogate": "قتل \ud800 ثلاثة",
    "null and controls": "قتل\x00 ثلاثة\x1c في\x85 هجوم",
    "one long word": "ا" * 3000,
    "one long sentence": "وقتل ثلاثة جنود في هجوم " * 200,
}


@pytest.fixture(params=HARD_TEXTS.values(), ids=HARD_TEXTS.keys())
def hard_text(request):
    return request.param


def make_sentence_record(text, mentions=(), events=()):
    """Write a sentence of a corpus record with words instead of offsets.

    ``mentions`` are (id, label, words); ``events`` (type, words, modality, arguments), where an
    argument is (role, mention id or number).
    """

    def bounds(words):
        return {"start": text.index(words), "end": text.index(words) + len(words)}

    return {
        "text": text,
        "mentions": [{"id": i, "label": label, **bounds(w)} for i, label, w in mentions],
        "events": [
            {
                "id": f"e{number}",
                "type": event_type,
                **bounds(words),
                "modality": modality,
                "arguments": [
                    {"role": role, ("value" if isinstance(filler, int) else "mention"): filler}
                    for role, filler in arguments
                ],
            }
            for number, (event_type, words, modality, arguments) in enumerate(events, 1)
        ],
    }


NEWS = [
    make_sentence_record(
        "مقتل خمسة مدنيين في قصف على بلدة الكرامة",
        [("m1", "NUM", "خمسة"), ("m2", "ACTOR", "مدنيين"), ("m3", "LOC", "بلدة الكرامة")],
        [
            ("Death", "مقتل", "actual", [("Count", "m1"), ("Target", "m2"), ("Place", "m3")]),
            ("Strike", "قصف", "actual", [("Target", "m3"), ("Target", "m2")]),
        ],
    ),
    make_sentence_record(
        "وقالت الشرطة إن جنديا قتل أمس برصاص مسلحين",
        [
            ("m1", "ACTOR", "الشرطة"),
            ("m2", "ACTOR", "جنديا"),
            ("m3", "DATE", "أمس"),
            ("m4", "WEAPON", "برصاص"),
            ("m5", "ACTOR", "مسلحين"),
        ],
        [
            (
                "Death",
                "قتل",
                "actual",
                [
                    ("Source", "m1"),
                    ("Target", "m2"),
                    ("Time", "m3"),
                    ("Instrument", "m4"),
                    ("Agent", "m5"),
                    ("Count", 1),
                ],
            )
        ],
    ),
    make_sentence_record(
        "ونفت الحكومة وقوع أي هجوم",
        [("m1", "ACTOR", "الحكومة")],
        [("Attack", "هجوم", "negated", [("Source", "m1")])],
    ),
    make_sentence_record("وكان الطقس هادئا في المدينة"),
]


@pytest.fixture
def sentence_record():
    """The function that writes a sentence of a corpus record."""
    return make_sentence_record


@pytest.fixture
def news_record():
    """One annotated document as the corpus format has it."""
    return {"doc_id": "news-1", "date": "2024-03-12", "source": "tests", "sentences": NEWS}


@pytest.fixture
def news_document(news_record):
    return document_from_record(news_record)


SCRIPT = {"قتل": "B-Death", "جندي": "B-ACTOR"}


class ScriptedTagger:
    """Finds «قتل» and «جندي», as sure of each thing as it is told."""

    def __init__(self, ontology, tag, outside, role, modality, has_linker):
        self.model = SimpleNamespace(
            ontology=ontology,
            linker=object() if has_linker else None,
            settings=SimpleNamespace(role_threshold=0.5, trigger_threshold=0.5),
        )
        self.tag, self.outside, self.role, self.modality = tag, outside, role, modality

    def score(self, documents):
        return [self._score(sentence) for document in documents for sentence in document]

    def _score(self, sentence):
        tags = self.model.ontology.tags
        rows = np.full((len(sentence.tokens), len(tags)), 1e-12)
        for row, token in zip(rows, sentence.tokens, strict=True):
            score = self.tag if token.norm in SCRIPT else self.outside
            row[tags.index(SCRIPT.get(token.norm, "O"))] = score
            row[tags.index("I-WEAPON")] = 1 - score
        return SentenceScores(np.log(rows), np.zeros((len(rows), 1)))

    def score_spans(self, scores, triggers, mentions):
        if self.model.linker is None:
            return [SpanScores(None, None)] * len(scores)
        n_roles = len(self.model.ontology.roles)
        return [
            SpanScores(
                np.full((len(own), len(other), n_roles), self.role),
                np.tile([self.modality, 1 - self.modality, 0.0], (len(own), 1)),
            )
            for own, other in zip(triggers, mentions, strict=True)
        ]


@pytest.fixture
def scripted(ontology):
    """Makes extractors whose scores are given."""

    def make(tag=0.95, outside=0.99, role=0.9, modality=0.9, has_linker=True):
        return Extractor(ScriptedTagger(ontology, tag, outside, role, modality, has_linker))

    return make
