"""Annotations without text, joined with articles written here in the forms of the ANT corpus."""

import gzip
import importlib.util
import json
import lzma
import re
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "training" / "join_ant.py"
if not SCRIPT.is_file():
    pytest.skip("training/ is not part of the package", allow_module_level=True)
_spec = importlib.util.spec_from_file_location("join_ant", SCRIPT)
script = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(script)

ATTACK, STORM = "SK-middleEast-7-20180301", "BB-internationalNews-12-20180302"
ARTICLES = [
    {
        "id": ATTACK,
        "title": "المدينة..  مقتل ستة في هجوم ",
        "text": "قال مصدر  محلي إن ستة قتلوا.\u200f\n\nعاجل الآن\n"
        " \u200f وأصيب\xa0 عشرة في الهجوم. ولم تعلق الشرطة & البلدية. \u200f\r\n  شاهد أيضا \n",
    },
    {
        "id": "AL-sport-1-20180301",
        "title": "فوز الفريق",
        "text": "فاز الفريق مساء أمس.",
    },
    {"id": STORM, "title": "عاصفة", "text": "ضربت عاصفة الساحل.. ولا ضحايا!"},
]


@pytest.fixture
def gold(sentence_record):
    """Two documents, the later first, with their sentences as the annotators saw them."""
    storm = [
        sentence_record("عاصفة"),
        sentence_record(
            "ضربت عاصفة الساحل..",
            [("m1", "LOC", "الساحل")],
            [("Disaster", "عاصفة", "actual", [("Place", "m1")])],
        ),
    ]
    attack = [
        sentence_record(
            "المدينة.. مقتل ستة في هجوم",
            [("m1", "LOC", "المدينة"), ("m2", "NUM", "ستة")],
            [
                ("Death", "مقتل", "actual", [("Count", "m2"), ("Place", "m1")]),
                ("Attack", "هجوم", "actual", []),
            ],
        ),
        sentence_record("قال مصدر محلي إن ستة قتلوا.\u200f"),
        sentence_record(
            "\u200f وأصيب عشرة في الهجوم.",
            [("m1", "NUM", "عشرة")],
            [("Injury", "وأصيب", "actual", [("Count", "m1"), ("Count", 10)])],
        ),
        sentence_record("ولم تعلق الشرطة & البلدية."),
    ]
    return [
        {"doc_id": STORM, "date": "2018-03-02", "source": "BBC", "sentences": storm},
        {"doc_id": ATTACK, "date": None, "source": "skynews", "sentences": attack},
    ]


def to_lines(records):
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()


@pytest.fixture
def ant(tmp_path):
    path = tmp_path / "ant.jsonl"
    path.write_bytes(to_lines(ARTICLES))
    return path


@pytest.fixture
def standoff(tmp_path, gold, ant):
    (tmp_path / "gold.jsonl").write_bytes(to_lines(gold))
    path = tmp_path / "made" / "gold.standoff.jsonl.gz"
    assert (
        script.main([str(tmp_path / "gold.jsonl"), str(ant), "--separate", f"--output={path}"]) == 0
    )
    return path


def change_article(ant, doc_id, **fields):
    """Write the corpus anew with one article changed, or without it if no fields are given."""
    articles = [a | fields if a["id"] == doc_id else a for a in ARTICLES]
    ant.write_bytes(to_lines(a for a in articles if fields or a["id"] != doc_id))


def write_distribution(folder):
    """Write the articles as the authors of the corpus give them out."""
    for article in ARTICLES:
        source, category, *_ = article["id"].split("-")
        path = folder / source / category / f"{article['id']}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            f"<DOC>\n<DOCNO>{article['id']}</DOCNO>\n<URL>http://example.org/?a=1&b=2</URL> \n"
            f"<TITLE>{article['title']}</TITLE>\n<AUTHOR></AUTHOR>\n"
            f"<ABSTRACT>\nموجز قصير للخبر\n</ABSTRACT>\n"
            f"<TEXT>\n{article['text']}\n</TEXT>\n</DOC>\n",
            encoding="utf-8",
        )
    # The corpus has an example with tags in its readme.
    sample = f"<DOC><DOCNO>{STORM}</DOCNO><TITLE>مثال</TITLE><TEXT>مثال</TEXT></DOC>"
    (folder / "README.md").write_text(sample, encoding="utf-8")
    return folder


@pytest.mark.parametrize("layout", ["jsonl", "jsonl.gz", "jsonl.xz", "folder"])
def test_round_trip_byte_for_byte(tmp_path, gold, standoff, layout):
    copy = tmp_path / f"copy.{layout}"
    pack = {"jsonl.gz": gzip.compress, "jsonl.xz": lzma.compress}.get(layout, bytes)
    if layout == "folder":
        write_distribution(copy)
    else:
        copy.write_bytes(pack(to_lines(ARTICLES)))
    output = tmp_path / "again.jsonl"
    assert script.main([str(standoff), str(copy), "--output", str(output)]) == 0
    assert output.read_bytes() == to_lines(gold)


def test_without_output_the_records_go_to_standard_output(gold, ant, standoff, capfdbinary):
    assert script.main([str(standoff), str(ant)]) == 0
    captured = capfdbinary.readouterr()
    assert captured.out == to_lines(gold)
    assert captured.err.splitlines()[-1] == b"2 of 2 documents written, 0 left out"


def test_a_standoff_record_has_offsets_and_a_checksum(standoff):
    storm, attack = map(json.loads, gzip.decompress(standoff.read_bytes()).splitlines())
    assert list(storm) == ["doc_id", "date", "source", "sha256", "sentences"]
    assert storm["sentences"] == [
        {"start": 0, "end": 5, "mentions": [], "events": []},
        {
            "start": 6,
            "end": 25,
            "mentions": [{"id": "m1", "label": "LOC", "start": 11, "end": 17}],
            "events": [
                {
                    "id": "e1",
                    "type": "Disaster",
                    "start": 5,
                    "end": 10,
                    "modality": "actual",
                    "arguments": [{"role": "Place", "mention": "m1"}],
                }
            ],
        },
    ]
    bounds = [(entry["start"], entry["end"]) for entry in attack["sentences"]]
    assert bounds == [(0, 26), (27, 55), (66, 89), (90, 116)]


def test_standoff_files_are_the_same_every_time(tmp_path, ant, standoff):
    again = tmp_path / "again.jsonl.gz"
    script.main([str(tmp_path / "gold.jsonl"), str(ant), "--separate", f"--output={again}"])
    assert again.read_bytes() == standoff.read_bytes()


def test_white_space_of_a_copy_does_not_matter():
    assert script.fold_article("هجوم  في\nالمدينة", " قتل ستة. \r\n\n\u2028وأصيب\xa0 عشرة") == (
        "هجوم في المدينة\nقتل ستة.\nوأصيب عشرة"
    )


def check_left_out(output, capsys, gold, reason):
    assert output.read_bytes() == to_lines([gold[0]])
    problem, summary = capsys.readouterr().err.splitlines()[-2:]
    assert re.fullmatch(f"{ATTACK}: {reason}", problem)
    assert summary == "1 of 2 documents written, 1 left out"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [pytest.param([], 1, id="an error"), pytest.param(["--allow-missing"], 0, id="allowed")],
)
def test_a_missing_article_is_reported(tmp_path, gold, ant, standoff, capsys, arguments, code):
    change_article(ant, ATTACK)
    output = tmp_path / "again.jsonl"
    assert script.main([str(standoff), str(ant), "--output", str(output), *arguments]) == code
    check_left_out(
        output, capsys, gold, r"expected an article of this id in the ANT copy, found none"
    )


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(ARTICLES[0]["text"].replace("ستة", "سبعة"), id="another word"),
        pytest.param(ARTICLES[0]["text"].replace("\u200f", ""), id="no direction marks"),
        pytest.param("عاجل " + ARTICLES[0]["text"], id="moved by a word"),
        pytest.param(ARTICLES[0]["text"][:40], id="cut off"),
        pytest.param(None, id="empty"),
    ],
)
def test_a_changed_text_is_reported(tmp_path, gold, ant, standoff, capsys, text):
    change_article(ant, ATTACK, text=text)
    output = tmp_path / "again.jsonl"
    assert script.main([str(standoff), str(ant), "--output", str(output)]) == 1
    check_left_out(
        output, capsys, gold, "the text is not the annotated one: .* SHA-256 [0-9a-f]{64}, found .*"
    )


def test_a_wrong_checksum_is_reported(tmp_path, gold, ant, standoff, capsys):
    storm, attack = map(json.loads, gzip.decompress(standoff.read_bytes()).splitlines())
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_bytes(to_lines([storm, attack | {"sha256": "0" * 64}]))
    output = tmp_path / "again.jsonl"
    assert script.main([str(wrong), str(ant), "--output", str(output)]) == 1
    check_left_out(output, capsys, gold, f"the text is not .* SHA-256 {'0' * 64}, found .*")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        pytest.param(
            lambda gold: gold["sentences"][1].update(text="جملة ليست في الخبر"),
            "expected sentence 1 in the article, found another text",
            id="a sentence of another article",
        ),
        pytest.param(
            lambda gold: gold.update(url="http://example.org"),
            "expected the keys of a gold record, found more of them or another order",
            id="a key that a join would lose",
        ),
        pytest.param(
            lambda gold: gold["sentences"][2]["mentions"][0].update(text="عشرة"),
            "expected ids, labels and offsets in ASCII, found letters of a text",
            id="text in a mention",
        ),
    ],
)
def test_what_cannot_be_separated_is_reported(tmp_path, gold, ant, capsys, change, reason):
    change(gold[1])
    (tmp_path / "gold.jsonl").write_bytes(to_lines(gold))
    assert script.main([str(tmp_path / "gold.jsonl"), str(ant), "--separate"]) == 1
    assert f"{ATTACK}: {reason}\n" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param("ant.jsonl", b"<DOC>\n", "line 1: expected a JSON object, found: ", id="tags"),
        pytest.param(
            "ant.jsonl", b"[1]\n", "line 1: expected the keys id, title, text; found list"
        ),
        pytest.param("ant.jsonl", b'{"id": "a"}\n', "expected the keys id, title, text; found id"),
        pytest.param(
            "ant.jsonl", b'{"id": "\xff"}\n', "ant.jsonl: cannot be read: ", id="no UTF-8"
        ),
        pytest.param("ant.jsonl.xz", b"{}", "ant.jsonl.xz: cannot be read: ", id="not packed"),
        pytest.param(
            "ant.jsonl.gz", b"{}", "ant.jsonl.gz: cannot be read: ", id="not packed either"
        ),
        pytest.param("ant.jsonl", None, "ant.jsonl: cannot be read: ", id="no such file"),
    ],
)
def test_bad_input_is_named(tmp_path, standoff, capsys, name, content, message):
    (tmp_path / "ant.jsonl").unlink()
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(SystemExit) as stopped:
        script.main([str(standoff), str(tmp_path / name)])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


def test_a_gold_file_is_no_standoff_file(tmp_path, ant, standoff, capsys):
    with pytest.raises(SystemExit):
        script.main([str(tmp_path / "gold.jsonl"), str(ant)])
    assert (
        "gold.jsonl, line 1: expected the keys doc_id, date, source, sha256, sentences; found"
        in (capsys.readouterr().err)
    )
