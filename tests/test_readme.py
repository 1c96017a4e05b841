"""The examples of README and docs run as they stand."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def run_examples(file, capsys):
    """Run the Python of a page from top to bottom, and give what it prints."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / file).read_text("utf-8"), re.DOTALL)
    exec(compile("\n".join(blocks), file, "exec"), {})
    return capsys.readouterr().out


def test_python_example_runs(capsys):
    printed = run_examples("README.md", capsys)
    assert "Death قتل actual" in printed
    assert "['Baghdad']" in printed


def test_tables_are_those_that_the_page_shows(capsys):
    page = re.sub("```.*?```", "", (ROOT / "docs/tables.md").read_text("utf-8"), flags=re.DOTALL)
    indented = [line.split() for line in page.splitlines() if line.startswith("    ")]
    printed = [line.split() for line in run_examples("docs/tables.md", capsys).splitlines()]
    assert [words for words in indented if words[0] != "python"] == printed
