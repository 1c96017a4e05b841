from dataclasses import replace

import pytest

import arevent
from arevent import Article, Document


def spans(document):
    yield from document.mentions
    for event in document.events:
        yield event.trigger
        yield from (argument.mention for argument in event.arguments if argument.mention)
    for sentence in document.sentences:
        yield sentence
        yield from sentence.tokens


def test_offsets_hold_on_hard_texts(tiny_extractor, hard_text):
    document = tiny_extractor(hard_text)
    assert document.text == hard_text
    assert all(hard_text[span.start : span.end] == span.text for span in spans(document))


def test_random_network_finds_something(tiny_extractor):
    """So that the offsets above are of real mentions and triggers."""
    document = tiny_extractor("قتل ثلاثة جنود في هجوم قرب المدينة أمس.")
    assert document.mentions
    assert document.events


def test_arguments_stay_in_their_sentence(tiny_extractor):
    document = tiny_extractor("قتل ثلاثة جنود. أصيب أربعة مدنيين في هجوم.\nوصل الوزير " * 20)
    for event in document.events:
        sentence = document.sentence_of(event.trigger)
        for argument in event.arguments:
            if argument.mention:
                assert document.sentence_of(argument.mention) == sentence


def test_empty_text(tiny_extractor):
    document = tiny_extractor("")
    assert (document.text, document.sentences, document.mentions, document.events) == (
        "",
        (),
        (),
        (),
    )


def test_article_of_fifty_thousand_characters(tiny_extractor):
    text = "قتل ثلاثة جنود في هجوم قرب المدينة أمس، وأصيب آخرون. " * 1000
    document = tiny_extractor(text[:50_000])
    assert len(document.sentences) > 900
    assert all(document.text[span.start : span.end] == span.text for span in spans(document))


def test_pipe_keeps_order_and_equals_one_by_one(tiny_extractor):
    texts = [f"قتل {number} جنود في هجوم." for number in range(40)]
    piped = list(tiny_extractor.pipe(texts))
    assert [document.text for document in piped] == texts
    for text, document in zip(texts[:3], piped, strict=False):
        alone = tiny_extractor(text)
        assert [e.type for e in alone.events] == [e.type for e in document.events]
        assert [m.text for m in alone.mentions] == [m.text for m in document.mentions]


def test_pipe_is_lazy(tiny_extractor):
    def endless():
        while True:
            yield "قتل جندي في هجوم."

    assert next(tiny_extractor.pipe(endless())).text == "قتل جندي في هجوم."


def test_pipe_gives_what_it_read_before_bad_input(tiny_extractor):
    read = tiny_extractor.pipe(["قتل جندي.", "وقع هجوم.", 7])
    assert [next(read).text, next(read).text] == ["قتل جندي.", "وقع هجوم."]
    with pytest.raises(TypeError, match="found int"):
        next(read)


def test_title_is_the_first_sentence_and_stays_whole(tiny_extractor):
    article = Article("قتل ستة. أصيب اثنان.", title="اليمن.. مقتل ستة", id="x", date="2024-03-12")
    document = tiny_extractor(article)
    assert document.text == "اليمن.. مقتل ستة\nقتل ستة. أصيب اثنان."
    assert [s.text for s in document.sentences] == ["اليمن.. مقتل ستة", "قتل ستة.", "أصيب اثنان."]
    assert (document.id, document.date, document.title) == ("x", "2024-03-12", "اليمن.. مقتل ستة")


def test_sentences_of_a_document_are_kept(tiny_extractor, news_document):
    read = tiny_extractor(news_document)
    assert read.sentences == news_document.sentences
    assert news_document.events[0].score == 1.0, "the input must not change"


def test_document_without_tokens_is_cut_anew(tiny_extractor):
    read = tiny_extractor(Article("قتل ستة. أصيب اثنان.", title="اليمن.. مقتل ستة"))
    assert read.events
    for document in (Document.from_dict(read.to_dict()), replace(read, sentences=())):
        assert tiny_extractor(document) == read


@pytest.mark.parametrize(
    ("article", "date", "error", "message"),
    [
        pytest.param(7, None, TypeError, "expected a str, an arevent.Article", id="number"),
        pytest.param(None, None, TypeError, "found NoneType", id="none"),
        pytest.param(7, "2022-01-31", TypeError, "expected", id="number with a date"),
        pytest.param("نص", "31/1/2022", ValueError, "expected ISO 8601", id="date"),
        pytest.param(Article("نص"), "2022-01-31", ValueError, "beside a text only", id="two dates"),
    ],
)
def test_bad_input(tiny_extractor, article, date, error, message):
    with pytest.raises(error, match=message):
        tiny_extractor(article, date=date)


def test_article_needs_text():
    with pytest.raises(TypeError, match="text: expected a str, found bytes"):
        Article(b"\xd9\x82")


def test_unknown_linker(tiny_model_dir):
    with pytest.raises(ValueError, match="expected model or rules, found 'magic'"):
        arevent.load(str(tiny_model_dir), linker="magic")


def test_unknown_model(tmp_path):
    with pytest.raises(FileNotFoundError, match="expected a model folder"):
        arevent.load(str(tmp_path))


def test_table_of_several_documents(extractor):
    documents = [extractor("قتل ثلاثة جنود في هجوم."), extractor("الطقس جميل")]
    row = documents[0].to_rows()[0]
    assert row["Target"] == "جنود"
    assert row["count"] == 3
    pandas = pytest.importorskip("pandas")
    table = pandas.concat([document.to_dataframe() for document in documents])
    assert list(table.columns) == documents[0].columns
    assert len(table) == len(documents[0].events)


def test_bundled_model_reads_a_headline(extractor):
    document = extractor("مقتل خمسة جنود في هجوم انتحاري قرب بغداد")
    by_type = {event.type: event for event in document.events}
    assert {"Death", "Attack"} <= by_type.keys()
    death = by_type["Death"]
    assert [mention.text for mention in death.fillers("Count")] == ["خمسة"]
    assert [mention.text for mention in death.fillers("Target")] == ["جنود"]
    assert [mention.text for mention in by_type["Attack"].fillers("Place")] == ["بغداد"]


def test_bundled_model_reads_diacritics_as_it_reads_plain_text(extractor):
    plain = extractor("قتل ثلاثة جنود في هجوم")
    marked = extractor("قُتِلَ ثَلاثَةُ جُنُودٍ فِي هُجُومٍ")
    assert [e.type for e in plain.events] == [e.type for e in marked.events]
    assert marked.events[0].trigger.text == "قُتِلَ"


def test_event_in_the_last_sentence_of_a_very_long_article_is_found(extractor):
    filler = "وقال المتحدث إن الأسعار مستقرة وإن الطقس معتدل في معظم المناطق. "
    text = filler * 800 + "وفي ختام اليوم قتل سبعة جنود في انفجار قرب بغداد."
    assert len(text) > 50_000
    last = [e for e in extractor(text).events if e.trigger.start > len(text) - 60]
    assert "Death" in {event.type for event in last}


def test_event_at_the_end_of_a_very_long_sentence_is_found(extractor):
    text = "وقال المتحدث إن الأسعار مستقرة وإن الطقس معتدل " * 100 + "ثم قتل سبعة جنود في بغداد"
    assert len(extractor(text).sentences) == 1
    assert [e.trigger.text for e in extractor(text).events if e.type == "Death"] == ["قتل"]
