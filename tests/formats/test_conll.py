"""CoNLL files: nested tags of Wojood, columns, comments and borders."""

import pytest

from arevent.formats import FormatError, LabelMap, export_corpus, import_corpus

WOJOOD = LabelMap(
    {
        "mention_labels": {
            "ORG": "ACTOR",
            "GPE": "LOC",
            "PERS": "ACTOR",
            "OCC": None,
            "DATE": "DATE",
            "UNIT": None,
            "QUANTITY": "NUM",
        }
    }
)


def test_nested_tags_of_wojood(write, show):
    path = write(
        "val.txt",
        "بيان O",
        "اتحاد B-ORG",
        "الطلاب I-ORG",
        "في I-ORG",
        "كلية I-ORG B-ORG",
        "الكرامة I-ORG I-ORG B-GPE",
        "( O",
        "3 B-DATE",
        "/ I-DATE",
        "5 I-DATE",
        ") O",
        "$#$ O",
        "",
        "مدير B-OCC",
        "مستشفى I-OCC B-ORG",
        "الكرامة I-OCC I-ORG B-GPE",
        "طن B-UNIT B-QUANTITY",
    )
    result = import_corpus(path, "conll", labels=WOJOOD)
    first, second = result.documents
    assert first.text == "بيان اتحاد الطلاب في كلية الكرامة ( 3 / 5 ) $#$"
    assert [m.text for m in first.mentions] == ["اتحاد الطلاب في كلية الكرامة", "3 / 5"]
    assert [m.text for m in second.mentions] == ["مستشفى الكرامة", "طن"]
    assert show(result) == [
        (5, "mention", "ORG.2", "overlaps another"),
        (6, "mention", "GPE.3", "overlaps another"),
        (16, "mention", "GPE.3", "overlaps another"),
    ]
    assert result.problems[0].detail == (
        "ACTOR «كلية الكرامة» and ACTOR «اتحاد الطلاب في كلية الكرامة»"
    )
    assert result.passed_over == {
        "sentences without document borders": 2,
        "mention label OCC": 1,
        "mention label UNIT": 1,
    }


def test_columns_borders_and_windows_line_ends(write):
    path = write(
        "a.conll",
        "\ufeff-DOCSTART- -X- O O\r",
        "\r",
        "قتل\tVBD\tB-Death\tO\r",
        "جندي\tNN\tO\tB-ACTOR\r",
        "\r",
        "-DOCSTART-\tO\r",
        "\r",
        "هجوم\tNN\tB-Attack\tO\r",
        "\r",
        "في\tIN\tO\tO\r",
        "حلب\tNNP\tO\tB-LOC\r",
    )
    result = import_corpus(path)
    assert result.problems == ()
    first, second = result.documents
    assert (first.id, first.text, second.id, second.text) == (
        "a-1",
        "قتل جندي",
        "a-2",
        "هجوم\nفي حلب",
    )
    assert [e.type for e in (*first.events, *second.events)] == ["Death", "Attack"]
    assert [m.text for m in (*first.mentions, *second.mentions)] == ["جندي", "حلب"]


def test_comments(write):
    path = write(
        "a.conll",
        "# global.columns = FORM NER",
        "# doc_id = a 1",
        "# date = 2024-03-12",
        "# source = وكالة",
        "# text = قتل (جندي)",
        "قتل\tB-Death",
        "(\tO",
        "جندي\tB-ACTOR",
        ")\tO",
        "",
        "#\tO",
    )
    (document,) = import_corpus(path).documents
    assert (document.id, document.date, document.source) == ("a 1", "2024-03-12", "وكالة")
    assert document.text == "قتل (جندي)\n#"


def test_inside_tag_without_a_beginning_is_reported_once(write, show):
    path = write("a.conll", "بلدة I-LOC", "الكرامة I-LOC", "حلب B-LOC", "أمس I-DATE")
    result = import_corpus(path)
    assert [m.text for m in result.documents[0].mentions] == ["حلب"]
    assert show(result) == [
        (1, "mention", "LOC", "cannot be read"),
        (4, "mention", "DATE", "cannot be read"),
    ]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("حلب", id="no tag"),
        pytest.param("حلب S-LOC", id="another scheme"),
        pytest.param("حلب I-OCC S-LOC", id="another scheme inside"),
    ],
)
def test_lines_without_iob2_tags(write, line):
    with pytest.raises(FormatError, match=r"a\.conll:2: expected a token and IOB2 tags"):
        import_corpus(write("a.conll", "في O", line))


def test_file_that_others_can_read(documents, tmp_path):
    export_corpus(documents[:1], tmp_path / "a.conll", "conll")
    lines = (tmp_path / "a.conll").read_text(encoding="utf-8").splitlines()
    assert lines[:8] == [
        "# doc_id = a/1",
        "# date = 2024-03-12",
        "# source = وكالة",
        "# text = اليمن.. مقتل جنديين في هجوم 😢",
        "اليمن\tB-LOC",
        ".\tO",
        ".\tO",
        "مقتل\tB-Death",
    ]
    assert all(len(line.split("\t")) == 2 for line in lines if line and line[0] != "#")
