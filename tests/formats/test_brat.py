"""brat folders as annotators leave them."""

import pytest

from arevent.formats import FormatError, export_corpus, import_corpus

TEXT = "هجوم في حلب\nأطلق مسلحون النار على جندي، ولم يُقتل أحد. ونفى الجيش وقوع انفجار"


def line(name, label, *words, text=TEXT):
    bounds = [(text.index(word), text.index(word) + len(word)) for word in words]
    where = ";".join(f"{start} {end}" for start, end in bounds)
    return f"{name}\t{label} {where}\t{' '.join(words)}"


ANNOTATIONS = [
    line("T1", "ACTOR", "مسلحون"),
    line("T2", "ACTOR", "جندي"),
    "E1\tAttack:T3 Agent:T1 Target:T2 Target2:T5",
    line("T3", "Attack", "أطلق"),
    line("T4", "Death", "يُقتل"),
    "E2\tDeath:T4 ",
    "A1\tNegation E2",
    line("T5", "ACTOR", "أحد"),
    "#1\tAnnotatorNotes E2\tCount=1, AgentCount=2",
    "#2\tAnnotatorNotes T5\tany one?",
    line("T6", "Explosion", "انفجار"),
    "E3\tExplosion:T6",
    "M1\tModality E3 negated",
    "A2\tTense E3 Past",
    "R1\tPart-of Arg1:T1 Arg2:T2",
    "*\tEquiv T1 T5",
    "N1\tReference T2 Wikipedia:1\tجندي",
]


@pytest.fixture
def folder(write):
    def write_folder(*annotations, text=TEXT):
        write("brat/news/a1.txt", text).write_bytes(text.encode())
        return write("brat/news/a1.ann", *annotations).parent.parent

    return write_folder


def test_folder(folder):
    result = import_corpus(folder(*ANNOTATIONS))
    (document,) = result.documents
    assert result.problems == ()
    assert (document.id, document.title) == ("news/a1", "هجوم في حلب")
    events = [
        (e.type, e.trigger.text, e.modality, [(a.role, a.value) for a in e.arguments])
        for e in document.events
    ]
    assert events == [
        ("Attack", "أطلق", "actual", [("Agent", None), ("Target", None), ("Target", None)]),
        ("Death", "يُقتل", "negated", [("Count", 1), ("AgentCount", 2)]),
        ("Explosion", "انفجار", "negated", []),
    ]
    assert [m.text for m in document.events[0].fillers("Target")] == ["جندي", "أحد"]
    assert result.passed_over == {
        "notes": 1,
        "relations": 1,
        "equivalences": 1,
        "normalizations": 1,
        "attribute Tense Past": 1,
    }


def test_role_that_ends_in_a_digit_keeps_it(folder):
    path = folder(ANNOTATIONS[0], line("T3", "Attack", "أطلق"), "E1\tAttack:T3 Agent2:T1")
    with pytest.raises(FormatError, match=r"role Agent2 \(1\)"):
        import_corpus(path)


def test_discontinuous_trigger_is_reported_with_its_arguments(folder, show):
    split = line("T3", "Attack", "أطلق", "النار")
    result = import_corpus(folder(ANNOTATIONS[0], split, "E1\tAttack:T3 Agent:T1"))
    assert result.documents[0].events == ()
    assert show(result) == [
        (2, "event", "E1", "discontinuous"),
        (3, "argument", "E1 Agent", "depends on something left out"),
    ]
    assert str(result.problems[0]).endswith(
        "a1.ann:2: event E1: discontinuous: Attack «أطلق النار»"
    )


def test_misaligned_lines_are_reported(folder, show):
    result = import_corpus(
        folder(
            "T1\tACTOR 18 23\tسلحون",
            "T2\tLOC 8 11\tحمص",
            "T3 ACTOR 0 4 هجوم",
            "E1\tAttack:T9 Agent:T1",
            "A1\tNegation",
            "X1\tanything",
            line("T4", "DATE", "ونفى الجيش"),
            line("T4", "DATE", "حلب"),
        )
    )
    assert show(result) == [
        (1, "mention", "T1", "not on whole tokens"),
        (2, "mention", "T2", "text differs"),
        (3, "line", "T3 ACTOR 0 4 هجوم", "cannot be read"),
        (4, "event", "E1", "names nothing"),
        (4, "argument", "E1 Agent", "depends on something left out"),
        (5, "line", "A1", "cannot be read"),
        (6, "line", "X1", "cannot be read"),
        (8, "line", "T4", "cannot be read"),
    ]


@pytest.mark.parametrize(
    ("encode", "shift"),
    [
        pytest.param(lambda text: text.replace("\n", "\r\n"), 1, id="Windows line end counted"),
        pytest.param(lambda text: text.replace("\n", "\r\n"), 0, id="Windows line end as one"),
        pytest.param(lambda text: "\ufeff" + text, 1, id="byte order mark counted"),
        pytest.param(lambda text: "\ufeff" + text, 0, id="byte order mark not counted"),
    ],
)
def test_offsets_of_other_systems(folder, encode, shift):
    start = TEXT.index("مسلحون") + shift
    result = import_corpus(
        folder(f"\ufeffT1\tACTOR {start} {start + 6}\tمسلحون\r", text=encode(TEXT))
    )
    (mention,) = result.documents[0].mentions
    assert (mention.text, result.problems) == ("مسلحون", ())


def test_every_line_a_sentence(folder):
    path = folder()
    assert [len(import_corpus(path, is_lines=on).documents[0].sentences) for on in (0, 1)] == [3, 2]


def test_text_without_annotations_is_counted(folder, write):
    path = folder(*ANNOTATIONS)
    write("brat/other.txt", "نص")
    assert import_corpus(path).passed_over[".txt files without .ann"] == 1


@pytest.mark.parametrize(
    ("name", "message"),
    [("a.ann", "expected the text"), ("a.txt", "known format")],
)
def test_half_a_pair_of_files(write, name, message):
    path = write(f"brat/{name}", "").parent
    with pytest.raises(FormatError, match=message):
        import_corpus(path)


def test_no_folder(write):
    with pytest.raises(FormatError, match="expected a folder"):
        import_corpus(write("a.ann", ""), "brat")


def test_files_of_an_export(documents, tmp_path):
    export_corpus([documents[1], documents[1]], tmp_path / "brat", "brat")
    assert sorted(path.name for path in (tmp_path / "brat").iterdir()) == [
        "annotation.conf",
        "documents.jsonl",
        "خبر.ann",
        "خبر.txt",
        "خبر~2.ann",
        "خبر~2.txt",
    ]
    lines = (tmp_path / "brat" / "خبر.ann").read_text(encoding="utf-8").splitlines()
    assert "E3\tMeeting:T13 Place:T6 Agent:T5 Place2:T7" in lines
    assert "#1\tAnnotatorNotes E3\tAgentCount=2" in lines
    conf = (tmp_path / "brat" / "annotation.conf").read_text(encoding="utf-8")
    assert "Meeting\tAgent*:<ENTITY>, " in conf


def test_export_does_not_mix_with_an_earlier_one(documents, tmp_path):
    export_corpus(documents, tmp_path / "brat", "brat")
    with pytest.raises(FormatError, match="expected an empty or a new folder"):
        export_corpus(documents, tmp_path / "brat", "brat")
