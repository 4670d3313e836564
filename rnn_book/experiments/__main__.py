"""Run the experiments: ``python -m rnn_book.experiments [NAME ... | all]``.

Without a name the claims are listed. Results, tables and figures are written into the checkout of
the book, or where there is none into rnn_book-experiments in the current folder.
"""

from __future__ import annotations

import argparse
import os
import sys

from rnn_book.experiments.claims import CLAIMS, claim


def main(arguments: list[str] | None = None) -> int:
    """List, run, or show anew."""
    parser = argparse.ArgumentParser(prog="python -m rnn_book.experiments", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="a claim, or all")
    parser.add_argument("--quick", action="store_true", help="the small version; keeps no result")
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 1, help="processes (default: all cores)"
    )
    parser.add_argument(
        "--figures", action="store_true", help="tables and figures from the stored results"
    )
    options = parser.parse_args(arguments)
    if options.jobs < 1:
        parser.error(f"--jobs must be at least 1, got {options.jobs}")
    names = list(CLAIMS) if options.names == ["all"] else options.names
    unknown = [name for name in names if name not in CLAIMS]
    if unknown:
        parser.error(f"no claim {unknown[0]!r}; there are {', '.join(CLAIMS)}")
    if options.figures:
        return _figures(names)
    if not names:
        return _list()
    return _run(names, options.quick, options.jobs)


def _list() -> int:
    from rnn_book.experiments.report import NoResultError, load

    for name in CLAIMS:
        try:
            found = load(name)
            minutes = found["provenance"]["cpu_seconds"] / 60 if found else 0
            took = f"{minutes:5.1f} CPU min" if found else "not run yet"
        except NoResultError:
            took = "damaged"
        print(f"{name:20} {took:14} {claim(name).QUESTION}")
    return 0


def _run(names: list[str], quick: bool, jobs: int) -> int:
    from rnn_book.experiments import report
    from rnn_book.experiments.runner import run_claim

    for name in names:
        try:
            found = report.result(name, run_claim(name, quick=quick, jobs=jobs))
        except KeyboardInterrupt:
            print("\nInterrupted. What is finished is kept; start again to go on.", file=sys.stderr)
            return 130
        if not quick:
            print(f"wrote {report.store(found)}")
            _figures([name])
        verdict = found["verdict"]
        print(f"{found['question']} {verdict['status'].capitalize()}. {verdict['text']}")
    return 0


def _figures(names: list[str]) -> int:
    from rnn_book.experiments import report

    try:
        for name in names or [name for name in CLAIMS if report.load(name)]:
            for path in report.write(name):
                print(f"wrote {report.ROOT / path}")
    except report.NoResultError as error:
        print(f"Error: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
