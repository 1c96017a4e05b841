"""Files and standard input to articles, and every way in which they can be wrong."""

import io
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arevent.articles import InputError, read_all, read_articles
from arevent.document import Article

BOM = b"\xef\xbb\xbf"


@pytest.fixture
def write(tmp_path):
    """Write a file of text or bytes and give its path."""

    def write_file(name, content):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write_file


def read(path, file_format=None):
    return list(read_articles(path, file_format))


@pytest.mark.parametrize(
    ("name", "content", "articles"),
    [
        pytest.param(
            "خبر.txt",
            "قتل جنديان\n\nأصيب ثالث.\n",
            [Article("قتل جنديان\n\nأصيب ثالث.\n", id="خبر")],
            id="text is one article",
        ),
        pytest.param(
            "report.2024.log",
            '{"text": "قتل"}',
            [Article('{"text": "قتل"}', id="report.2024")],
            id="unknown ending is text",
        ),
        pytest.param(
            "news.jsonl",
            '{"text": "قتل جندي"}\r\n\r\n{"text": "أصيب آخر"}',
            [Article("قتل جندي", id="news-1"), Article("أصيب آخر", id="news-2")],
            id="JSON lines, blank one between",
        ),
        pytest.param(
            "NEWS.JSONL",
            '{"text": "قتل جندي"}\n',
            [Article("قتل جندي", id="NEWS-1")],
            id="ending in capitals",
        ),
        pytest.param(
            "news.jsonl",
            '{"text": "أ", "id": "x7"}\n{"text": "ب"}\n{"text": "ج", "id": ""}\n',
            [Article("أ", id="x7"), Article("ب", id="news-2"), Article("ج", id="news-3")],
            id="numbers count all articles",
        ),
        pytest.param(
            "news.jsonl",
            '{"text": "أ\u2028ب\u0085ج"}\n',
            [Article("أ\u2028ب\u0085ج", id="news-1")],
            id="other line separators inside JSON",
        ),
        pytest.param(
            "news.csv",
            "id,text\n1,قتل جندي\n\n2,أصيب آخر\n",
            [Article("قتل جندي", id="1"), Article("أصيب آخر", id="2")],
            id="CSV, blank line between",
        ),
        pytest.param(
            "news.csv",
            'text,id\n"قال: ""سقط قتلى"", ثم غادر",1\n',
            [Article('قال: "سقط قتلى", ثم غادر', id="1")],
            id="CSV, quotes and a comma",
        ),
        pytest.param(
            "news.csv",
            'id,text\n1,"سطر أول\n\nسطر ثان"\n2,آخر\n',
            [Article("سطر أول\n\nسطر ثان", id="1"), Article("آخر", id="2")],
            id="CSV, line breaks in quotes",
        ),
        pytest.param(
            "news.csv",
            'id,text\r\n1,"سطر أول\r\nسطر ثان"\r\n2,آخر\r\n',
            [Article("سطر أول\r\nسطر ثان", id="1"), Article("آخر", id="2")],
            id="CSV from Windows",
        ),
        pytest.param(
            "news.csv",
            'id,text\n1,"صفحة\x0cأخرى\u2028سطر"\n',
            [Article("صفحة\x0cأخرى\u2028سطر", id="1")],
            id="CSV, other line separators in quotes",
        ),
    ],
)
def test_formats(write, name, content, articles):
    assert read(write(name, content)) == articles


@pytest.mark.parametrize(
    "separator", [pytest.param("\u2028", id="U+2028"), pytest.param("\u0085", id="U+0085")]
)
def test_csv_row_ends_at_line_feeds_alone(write, separator):
    path = write("news.csv", f"id,text\n1,قتل جندي{separator}وأصيب آخر\n")
    assert read(path) == [Article(f"قتل جندي{separator}وأصيب آخر", id="1")]


def test_csv_field_of_any_length(write):
    (article,) = read(write("news.csv", "id,text\n1," + "ق" * 200_000 + "\n"))
    assert len(article.text) == 200_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("a.csv", "id;text\n1;قتل جندي، وأصيب آخر\n", id="semicolons"),
        pytest.param("a.csv", "sep=;\nid;text\n1;قتل جندي، وأصيب آخر\n", id="Excel's first line"),
        pytest.param("a.csv", "\n Text ,ID\n قتل جندي، وأصيب آخر,1\n , \n", id="blanks and case"),
        pytest.param("a.tsv", "id\ttext\n1\tقتل جندي، وأصيب آخر\n", id="tabs"),
        pytest.param("a.ndjson", '{"text": "قتل جندي، وأصيب آخر", "id": 1}\n', id="ndjson"),
        pytest.param("a.json", '{"text": "قتل جندي، وأصيب آخر", "id": 1}\n', id="lines in json"),
        pytest.param("a.json", '[\n{"text": "قتل جندي، وأصيب آخر",\n "id": 1}]', id="array"),
    ],
)
def test_what_other_programs_write(write, name, content):
    (article,) = read(write(name, content))
    assert (article.id, article.text.strip()) == ("1", "قتل جندي، وأصيب آخر")


def test_half_of_an_emoji_is_replaced_and_a_whole_one_kept(write):
    path = write("a.jsonl", '{"text": "\\ud83d \\ud83d\\ude00 قتل", "title": "\\ude00"}')
    (article,) = read(path)
    assert (article.text, article.title) == ("\ufffd \U0001f600 قتل", "\ufffd")


def test_csv_row_longer_than_its_head(write):
    path = write("news.csv", "id,text\n1,قتل جندي, وأصيب آخر\n")
    with pytest.raises(InputError, match="line 2"):
        read(path)


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        pytest.param("a.txt", "قتل جندي", "قتل جندي", id="txt"),
        pytest.param("a.jsonl", '{"text": "قتل جندي"}', "قتل جندي", id="jsonl"),
        pytest.param("a.csv", "text,id\nقتل جندي,1", "قتل جندي", id="csv"),
    ],
)
def test_byte_order_mark_is_dropped(write, name, content, text):
    assert [article.text for article in read(write(name, BOM + content.encode()))] == [text]


def test_format_overrides_the_ending(write):
    path = write("news.txt", '{"text": "قتل جندي"}')
    assert read(path, "jsonl") == [Article("قتل جندي", id="news-1")]


@pytest.mark.parametrize(
    ("record", "article"),
    [
        pytest.param(
            {"text": "أ", "id": 7, "date": "2022-01-31", "title": "عنوان", "source": "وكالة"},
            Article("أ", id="7", date="2022-01-31", title="عنوان", source="وكالة"),
            id="all fields",
        ),
        pytest.param(
            {"text": "أ", "date": None, "title": "", "source": None},
            Article("أ", id="news-1"),
            id="empty fields are none",
        ),
        pytest.param(
            {"text": "أ", "date": "2022-01-31T10:30:00+03:00"},
            Article("أ", id="news-1", date="2022-01-31T10:30:00+03:00"),
            id="date with a time",
        ),
        pytest.param(
            {"text": "أ", "page": 3, "tags": ["حرب"], "url": None},
            Article("أ", id="news-1", metadata={"page": 3, "tags": ["حرب"], "url": None}),
            id="other fields are metadata",
        ),
    ],
)
def test_fields_of_a_json_record(write, record, article):
    assert read(write("news.jsonl", json.dumps(record))) == [article]


def test_columns_of_a_csv_row(write):
    path = write("news.csv", "desk,text,date,source\nحرب,أ,2022-01-31,وكالة\n,ب,,\n")
    assert read(path) == [
        Article("أ", id="news-1", date="2022-01-31", source="وكالة", metadata={"desk": "حرب"}),
        Article("ب", id="news-2"),
    ]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        pytest.param(
            "empty.txt", "", "{path}: expected an article, found an empty file", id="empty"
        ),
        pytest.param(
            "blank.jsonl",
            BOM + b" \n\r\n",
            "{path}: expected an article, found an empty file",
            id="white space alone",
        ),
        pytest.param(
            "old.txt",
            "قتل جندي".encode("windows-1256"),
            "{path}: expected UTF-8, found byte 0xde at position 0; convert it first, for "
            "example: iconv -f windows-1256 -t utf-8",
            id="windows-1256",
        ),
        pytest.param(
            "news.jsonl",
            '{"text": "أ"}\n\n{"text":\n',
            "{path}, line 3: expected a JSON object, found: Expecting value, column 9",
            id="no JSON in line 3",
        ),
        pytest.param(
            "news.jsonl",
            '["text"]\n',
            "{path}, line 1: expected a record with a field or column «text», found list",
            id="JSON list",
        ),
        pytest.param(
            "news.jsonl",
            '{"text": "أ"}\n{"body": "ب", "Text": "ب"}\n',
            "{path}, line 2: expected a record with a field or column «text», "
            "found ['Text', 'body']",
            id="no text in a record",
        ),
        pytest.param(
            "news.csv",
            "id;body\n1;قتل جندي\n",
            "{path}, line 2: expected a record with a field or column «text», found ['id;body']",
            id="no text column",
        ),
        pytest.param(
            "news.csv",
            "id,text\n1,\n",
            "{path}, line 2: expected a record with a field or column «text», found ['id']",
            id="no text in a row",
        ),
        pytest.param(
            "news.jsonl",
            '{"text": "أ", "date": "31/01/2022"}\n',
            "{path}, line 1: date: expected ISO 8601 such as 2022-01-31, found '31/01/2022'",
            id="date in a record",
        ),
        pytest.param(
            "news.csv",
            'date,text\n,"سطر أول\nسطر ثان"\nأمس,آخر\n',
            "{path}, line 4: date: expected ISO 8601 such as 2022-01-31, found 'أمس'",
            id="date in a row, lines counted in the file",
        ),
    ],
)
def test_errors(write, name, content, message):
    path = write(name, content)
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value) == message.format(path=path)


def test_wrong_byte_is_named_after_a_byte_order_mark(write):
    path = write("old.txt", BOM + "قتل ".encode() + b"\xe3\xe4")
    with pytest.raises(InputError, match="found byte 0xe3"):
        read(path)


def test_csv_of_a_head_alone_is_empty(write):
    path = write("news.csv", "id,text\n")
    with pytest.raises(InputError, match="expected an article, found"):
        read(path)


def test_missing_file(tmp_path):
    path = str(tmp_path / "none.txt")
    with pytest.raises(InputError) as error:
        read(path)
    assert str(error.value) == f"{path}: no such file"


def test_folder(tmp_path):
    with pytest.raises(InputError) as error:
        read(str(tmp_path))
    assert str(error.value) == f"{tmp_path}: cannot be read: Is a directory"


def test_articles_before_a_bad_line_are_given(write):
    articles = read_articles(write("news.jsonl", '{"text": "أ"}\nخطأ\n'))
    assert next(articles) == Article("أ", id="news-1")
    with pytest.raises(InputError, match="line 2"):
        next(articles)


@pytest.fixture
def standard_input(monkeypatch):
    """Put bytes on standard input, whatever the locale decodes them to."""

    def feed(content):
        stream = io.TextIOWrapper(io.BytesIO(content), encoding="ascii")
        monkeypatch.setattr("sys.stdin", stream)

    return feed


@pytest.mark.parametrize(
    ("file_format", "content", "articles"),
    [
        pytest.param(None, "قتل جندي", [Article("قتل جندي", id="stdin")], id="text"),
        pytest.param(
            "jsonl", '{"text": "قتل جندي"}', [Article("قتل جندي", id="stdin-1")], id="jsonl"
        ),
        pytest.param(
            "csv", "text,n\nقتل,5", [Article("قتل", "stdin-1", metadata={"n": "5"})], id="csv"
        ),
    ],
)
def test_standard_input(standard_input, file_format, content, articles):
    standard_input(content.encode())
    assert read("-", file_format) == articles


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "standard input: expected an article, found an empty file", id="empty"),
        pytest.param(b"\xde", "standard input: expected UTF-8, found byte 0xde", id="encoding"),
    ],
)
def test_errors_of_standard_input(standard_input, content, message):
    standard_input(content)
    with pytest.raises(InputError, match=message):
        read("-")


def test_several_files_in_order(write):
    paths = [write("b.txt", "قتل"), write("a.jsonl", '{"text": "أ"}\n{"text": "ب"}')]
    assert [article.id for article in read_all(paths)] == ["b", "a-1", "a-2"]


@settings(
    deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(st.text(), min_size=1, max_size=4))
def test_any_text_survives_json(write, texts):
    lines = "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts)
    assert [article.text for article in read(write("any.jsonl", lines))] == texts
