"""Values of the mentions of a document, read in their context."""

import pytest

from arevent.corpus import document_from_record
from arevent.document import DateValue, PlaceValue, Quantity
from arevent.values.annotate import add_values


@pytest.fixture
def read(sentence_record):
    def read(text, *mentions, date="2022-01-31", events=()):
        labelled = [(f"m{n}", label, words) for n, (label, words) in enumerate(mentions)]
        record = sentence_record(text, labelled, events)
        return add_values(
            document_from_record({"doc_id": "x", "date": date, "sentences": [record]})
        )

    return read


def test_words_before_a_number_change_it(read):
    (mention,) = read("قتل نحو 30 شخصا", ("NUM", "30")).mentions
    assert mention.text == "30"
    assert mention.value == Quantity(30, None, None, is_approximate=True)


def test_words_before_a_number_stay_in_its_sentence(sentence_record):
    first = sentence_record("وكان عددهم أكثر من")
    second = sentence_record("20 قتيلا", [("n", "NUM", "20")])
    document = add_values(document_from_record({"doc_id": "x", "sentences": [first, second]}))
    assert document.mentions[0].value == Quantity(20, 20, 20)


def test_both_numbers_of_a_range_carry_it_and_the_second_points_to_the_first(read):
    first, second = read("قتل بين 20 و30 شخصا", ("NUM", "20"), ("NUM", "و30")).mentions
    assert first.value == Quantity(None, 20, 30, is_approximate=True)
    assert second.value == Quantity(
        None, 20, 30, is_approximate=True, range_start=(first.start, first.end)
    )


def test_dates_are_counted_from_the_document(read):
    (mention,) = read("وقع أمس", ("DATE", "أمس")).mentions
    assert mention.value == DateValue("2022-01-30", "2022-01-30", "day")


@pytest.mark.parametrize("date", ["2022-01-31T10:00:00", "20220131T100000", "2022-W05-1T10:00"])
def test_date_with_a_clock_time_is_fine(read, date):
    (mention,) = read("وقع أمس", ("DATE", "أمس"), date=date).mentions
    assert mention.value.start == "2022-01-30"


def test_relative_date_without_a_document_date_says_so(read):
    (mention,) = read("وقع أمس", ("DATE", "أمس"), date=None).mentions
    assert mention.value is None
    assert "document" in mention.reason


def test_other_places_tell_places_apart(read):
    places = read("قصف على الرقة في سوريا", ("LOC", "الرقة"), ("LOC", "سوريا")).mentions
    assert isinstance(places[0].value, PlaceValue)
    assert places[0].value.country == "SY"


def test_long_and_short_name_are_one_actor(read):
    document = read(
        "قالت قوات سوريا الديمقراطية (قسد) إن الهجوم انتهى",
        ("ACTOR", "قوات سوريا الديمقراطية"),
        ("ACTOR", "قسد"),
    )
    long, short = document.mentions
    assert long.value.name == short.value.name


def test_argument_has_the_value_of_its_mention(read):
    event = ("Death", "قتل", "actual", [("Count", "m0")])
    document = read("قتل 7 أشخاص", ("NUM", "7"), events=[event])
    (argument,) = document.events[0].arguments
    assert argument.mention is document.mentions[0] or argument.mention == document.mentions[0]
    assert argument.value == Quantity(7, 7, 7)
    assert document.events[0].count == Quantity(7, 7, 7)


def test_weapons_and_other_labels_have_no_value(read):
    (mention,) = read("بسيارة مفخخة", ("WEAPON", "بسيارة مفخخة")).mentions
    assert (mention.value, mention.reason) == (None, None)


def test_input_is_unchanged(news_document):
    before = news_document.mentions
    add_values(news_document)
    assert news_document.mentions is before
    assert all(mention.value is None for mention in before)
