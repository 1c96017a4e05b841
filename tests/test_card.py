"""A model folder to its card."""

import copy
import json

import pytest

from arevent.card import write_card


def layer(precision, recall, f1, **more):
    return {"precision": precision, "recall": recall, "f1": f1, **more}


SCORES = {
    "model": {
        "documents": 12,
        "sentences": 345,
        "Tri-I": layer(0.91, 0.82, 0.8627, interval=[0.8012, 0.9151]),
        "Tri-C": layer(0.8, 0.7, 0.7467, interval=[0.7, 0.79]),
        "Arg-I": layer(0.6, 0.5, 0.5455, interval=[0.5, 0.59]),
        "Arg-C": layer(0.55, 0.45, 0.495, interval=[0.4499, 0.5401]),
        "mentions": layer(0.9, 0.9, 0.9, interval=[0.88, 0.92]),
        "tags": layer(0.85, 0.75, 0.7969),
        "modality": {"accuracy": 0.9375, "matched": 321},
        "types": {"Death": layer(1.0, 0.5, 0.6667, gold=8), "Attack": layer(0, 0, 0, gold=3)},
        "roles": {"Target": layer(0.25, 0.125, 0.1667, gold=16)},
        "labels": {"ACTOR": layer(0.9, 0.9, 0.9, gold=200)},
    },
    "rules": {"Arg-C": layer(0.4, 0.3, 0.3429)},
    "about": {
        "corpus": "test.jsonl",
        "command": "arevent evaluate test.jsonl --model arevent-tiny",
        "sentences_per_second": 41.5,
        "device": "cpu",
    },
}
TRAINING = {
    "config": {"learning_rate": 0.0003, "epochs": 2},
    "epochs": [
        {
            "epoch": 1,
            "loss": {"tags": 1.23456, "roles": 0.5},
            "dev": {"Tri-C": 0.5, "Arg-C": 0.25, "mentions": 0.7512},
            "minutes": 3.14159,
            "tokens_per_second": 702,
        }
    ],
}


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "arevent-tiny"
    path.mkdir()
    (path / "scores.json").write_text(json.dumps(SCORES), encoding="utf-8")
    return path


def card_lines(folder):
    return write_card(folder).read_text(encoding="utf-8").split("\n")


def test_card_is_the_readme(folder):
    assert write_card(folder) == folder / "README.md"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("# arevent-tiny", id="name of the folder"),
        pytest.param(
            "On `test.jsonl` (12 documents, 345 sentences), by "
            "`arevent evaluate test.jsonl --model arevent-tiny`. Spans are exact; intervals are "
            "95 %, bootstrapped over documents.",
            id="corpus and command",
        ),
        pytest.param(
            "| Tri-I | trigger span | 0.910 | 0.820 | 0.863 | 0.801–0.915 |", id="triggers"
        ),
        pytest.param(
            "| Arg-C | argument span and role | 0.550 | 0.450 | 0.495 | 0.450–0.540 |",
            id="arguments",
        ),
        pytest.param(
            "| tags | seqeval, strict IOB2 | 0.850 | 0.750 | 0.797 |  |", id="no interval"
        ),
        pytest.param(
            "Modality is right on 0.938 of the 321 triggers matched in span and type. With the "
            "rule-based linker instead of the learned one, Arg-C is 0.343. Speed: 41.5 sentences "
            "a second on cpu.",
            id="modality, rules, speed",
        ),
        pytest.param("| Death | 1.000 | 0.500 | 0.667 | 8 |", id="type"),
        pytest.param("| Attack | 0.000 | 0.000 | 0.000 | 3 |", id="type never found"),
        pytest.param("| Target | 0.250 | 0.125 | 0.167 | 16 |", id="role"),
        pytest.param("| ACTOR | 0.900 | 0.900 | 0.900 | 200 |", id="mention label"),
    ],
)
def test_figures(folder, line):
    assert line in card_lines(folder)


def test_table_of_types_is_markdown(folder):
    lines = card_lines(folder)
    start = lines.index("### Event types")
    assert lines[start : start + 7] == [
        "### Event types",
        "",
        "|  | precision | recall | F1 | gold |",
        "| --- | --- | --- | --- | --- |",
        "| Death | 1.000 | 0.500 | 0.667 | 8 |",
        "| Attack | 0.000 | 0.000 | 0.000 | 3 |",
        "",
    ]


def headings(folder):
    return [line for line in card_lines(folder) if line.startswith("#")]


def test_scores_alone_are_enough(folder):
    assert headings(folder) == [
        "# arevent-tiny",
        "## Scores",
        "### Event types",
        "### Roles",
        "### Mentions",
    ]


def test_about_comes_before_the_scores(folder):
    (folder / "about.md").write_text("\n## Data\n\nأخبار مفتعلة.\n\n", encoding="utf-8")
    assert headings(folder)[:3] == ["# arevent-tiny", "## Data", "## Scores"]
    assert "أخبار مفتعلة." in card_lines(folder)


def test_training_comes_after_the_scores(folder):
    (folder / "training.json").write_text(json.dumps(TRAINING), encoding="utf-8")
    lines = card_lines(folder)
    assert lines[lines.index("## Training") :] == [
        "## Training",
        "",
        "| epoch | loss of tags | Tri-C | Arg-C | mentions | minutes | tokens/s |",
        "| --- | --- | --- | --- | --- | --- | --- |",
        "| 1 | 1.235 | 0.500 | 0.250 | 0.751 | 3.1 | 702 |",
        "",
        "```yaml",
        "learning_rate: 0.0003",
        "epochs: 2",
        "```",
        "",
    ]


def test_card_is_written_again(folder):
    write_card(folder)
    scores = copy.deepcopy(SCORES)
    scores["rules"]["Arg-C"]["f1"] = 0.5
    (folder / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    card = write_card(folder).read_text(encoding="utf-8")
    assert "Arg-C is 0.500." in card
    assert "0.343" not in card


def test_missing_scores(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"scores\.json"):
        write_card(tmp_path)
    assert not (tmp_path / "README.md").exists()
