"""`arevent corpus …`: look at, check, compare, choose and divide annotated corpora."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arevent.cli.app import ModelOption, app, fail
from arevent.corpus import read_corpus
from arevent.curation.options import SIMILARITY, SplitBy

if TYPE_CHECKING:
    from arevent.ontology import Ontology

EXIT_FINDINGS = 1

corpus_app = typer.Typer(help="Look after annotated corpora.", no_args_is_help=True)
app.add_typer(corpus_app, name="corpus")

CorpusArgument = Annotated[Path, typer.Argument(help="Annotated corpus, JSONL.")]
OntologyOption = Annotated[
    Path | None,
    typer.Option("--ontology", help="YAML file of types, roles and labels; or the shipped one."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="For machines.")]
SimilarityOption = Annotated[
    float,
    typer.Option(
        min=0.01, max=1, help="From which share of common word shingles texts are duplicates."
    ),
]


@corpus_app.command()
def stats(
    corpus: CorpusArgument, ontology: OntologyOption = None, as_json: JsonOption = False
) -> None:
    """Count what a corpus holds."""
    from arevent.cli.corpus_tables import show_stats
    from arevent.curation.stats import corpus_stats

    with _bad_input():
        result = corpus_stats(read_corpus(corpus), _ontology(ontology))
    if as_json:
        _print_json(asdict(result))
    else:
        show_stats(result)


@corpus_app.command()
def check(
    corpus: Annotated[Path | None, typer.Argument(help="Annotated corpus, JSONL.")] = None,
    ontology: OntologyOption = None,
    similarity: SimilarityOption = SIMILARITY,
    ignore: Annotated[
        list[str] | None, typer.Option(help="A rule to leave out; can be given several times.")
    ] = None,
    rules: Annotated[bool, typer.Option("--rules", help="List the rules.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Check a corpus by the mechanical rules of the annotation guidelines.

    Ends with exit code 1 if there are errors, with 0 if there are warnings only.
    """
    from arevent.cli.corpus_tables import finding_line, show_rules
    from arevent.curation.check import RULES, check_corpus

    if rules:
        show_rules(RULES)
        return
    unknown = set(ignore or ()) - {rule.name for rule in RULES}
    if unknown:
        fail(f"--ignore: expected rules that --rules lists, found {sorted(unknown)}")
    if corpus is None:
        fail("expected a corpus to check, or --rules")
    with _bad_input():
        found = check_corpus(corpus, _ontology(ontology), similarity)
    findings = [finding for finding in found if finding.rule not in (ignore or ())]
    n_errors = sum(finding.level == "error" for finding in findings)
    if as_json:
        _print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            typer.echo(finding_line(corpus, finding))
        typer.echo(f"errors: {n_errors}, warnings: {len(findings) - n_errors}")
    if n_errors:
        raise typer.Exit(EXIT_FINDINGS)


@corpus_app.command()
def agreement(
    a: Annotated[Path, typer.Argument(help="Annotated corpus, JSONL.")],
    b: Annotated[Path, typer.Argument(help="The same documents, annotated by another.")],
    ontology: OntologyOption = None,
    kinds: Annotated[int, typer.Option(help="How many kinds of disagreement are listed.")] = 20,
    as_json: JsonOption = False,
) -> None:
    """Compare two annotations of the same documents."""
    from arevent.cli.corpus_tables import show_agreement
    from arevent.curation.agreement import agreement as compare

    with _bad_input():
        result = compare(read_corpus(a), read_corpus(b), _ontology(ontology))
    if as_json:
        _print_json(
            {
                **asdict(result),
                "f1": {name: counts.to_dict() for name, counts in result.f1.items()},
                "kappa": {n: {"kappa": k.value, **asdict(k)} for n, k in result.kappa.items()},
                "disagreements": [asdict(kind) for kind in result.disagreements[:kinds]],
            }
        )
        return
    show_agreement(result, kinds)
    for path, only in ((a, result.only_a), (b, result.only_b)):
        if only:
            typer.echo(f"in {path} only: {', '.join(only)}")


@corpus_app.command()
def sample(
    texts: Annotated[
        list[str], typer.Argument(help="Files of text, JSONL or CSV; - is standard input.")
    ],
    output: Annotated[Path, typer.Option(help="The corpus to write, JSONL.")],
    n: Annotated[int, typer.Option("--n", min=1, help="How many documents to choose.")] = 50,
    model: ModelOption = None,
    similarity: SimilarityOption = SIMILARITY,
    diverse: Annotated[
        bool, typer.Option(help="Leave out near-duplicates of a chosen document.")
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """Choose the articles that a model is least certain of, and annotate them as it reads them."""
    from arevent import load
    from arevent.articles import read_all
    from arevent.cli.corpus_tables import show_table
    from arevent.curation.sample import sample as choose
    from arevent.curation.sample import write_sample

    with _bad_input():
        articles = read_all(texts)
        first = next(articles)  # so that bad input is reported before the model is loaded
        limit = similarity if diverse else None
        chosen = choose(chain([first], articles), load(model), n, limit)
        write_sample(chosen, output)
    rows = [{"id": entry.document.id, **asdict(entry.uncertainty)} for entry in chosen]
    if as_json:
        _print_json(rows)
    else:
        head = ("id", "tags", "roles", "modality", "total")
        show_table("Uncertainty", head, [list(row.values()) for row in rows])


@corpus_app.command()
def split(
    corpus: CorpusArgument,
    out_dir: Annotated[Path, typer.Argument(help="Folder for a file a part.")],
    by: Annotated[SplitBy, typer.Option(help="What decides.")] = SplitBy.DOCUMENT,
    parts: Annotated[
        str, typer.Option(help="Names and shares, in order.")
    ] = "train=0.8,dev=0.1,test=0.1",
    seed: Annotated[int, typer.Option(help="Of the draw.")] = 13,
    together: Annotated[bool, typer.Option(help="Keep near-duplicates in one part.")] = True,
    similarity: SimilarityOption = SIMILARITY,
    as_json: JsonOption = False,
) -> None:
    """Divide a corpus into parts, a file each; no document is cut."""
    from arevent.cli.corpus_tables import show_table
    from arevent.curation.split import read_shares, split_corpus, write_parts

    with _bad_input():
        documents = read_corpus(corpus)
        result = split_corpus(documents, read_shares(parts), by, seed, together, similarity)
        files = write_parts(corpus, result, out_dir)
    rows = [
        {
            "part": name,
            "documents": len(positions),
            "events": sum(len(documents[n].events) for n in positions),
            "first date": min((documents[n].date or "" for n in positions), default=""),
            "last date": max((documents[n].date or "" for n in positions), default=""),
            "file": str(files[name]),
        }
        for name, positions in result.parts.items()
    ]
    crossing = [
        {**asdict(pair), "first": documents[pair.first].id, "second": documents[pair.second].id}
        for pair in result.crossing
    ]
    if as_json:
        _print_json({"parts": rows, "crossing": crossing})
    else:
        show_table("Parts", list(rows[0]), [list(row.values()) for row in rows])
    for pair in crossing:
        typer.echo(
            f"arevent: warning: {pair['first']} and {pair['second']} are "
            f"{pair['similarity']:.0%} alike and in different parts",
            err=True,
        )


@contextmanager
def _bad_input() -> Iterator[None]:
    """End with one line where the input is at fault."""
    try:
        yield
    except (ValueError, OSError, ImportError) as error:
        fail(str(error))


def _print_json(data: Any) -> None:
    typer.echo(json.dumps(data, ensure_ascii=False, indent=2))


def _ontology(path: Path | None) -> Ontology:
    from arevent.ontology import Ontology

    return Ontology.from_file(path)
