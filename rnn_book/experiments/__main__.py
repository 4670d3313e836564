"""Run the experiments: ``python -m rnn_book.experiments [NAME ... | all]``.

Without a name the claims are listed. A claim goes on where it stopped, on any day. Runs, results,
tables and figures are written into the checkout of the book, or where there is none into
rnn_book-experiments in the current folder.
"""

from __future__ import annotations

import argparse
import math
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
        "--minutes", type=float, default=math.inf, help="begin no further run after so long"
    )
    parser.add_argument(
        "--figures", action="store_true", help="tables and figures from the stored results"
    )
    parser.add_argument(
        "--store", action="store_true", help="make the result of the runs that are there"
    )
    parser.add_argument(
        "--adopt",
        action="store_true",
        help="keep runs of changed code, if the cheapest come out alike when they are run again",
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
    if options.adopt:
        return _adopt(names)
    minutes = 0.0 if options.store else options.minutes
    return _run(names, options.quick, options.jobs, minutes)


def _list() -> int:
    from rnn_book.experiments.report import NoResultError, duration, load

    for name in CLAIMS:
        module, took = claim(name), "not run yet"
        try:
            found = load(name)
            if found:
                where = found["provenance"]
                took = duration(where["cpu_seconds"])
                if not where["complete"]:
                    took += f", {where['runs']} of about {module.COST.runs} runs"
        except NoResultError:
            took = "damaged"
        print(f"{name:20} {took:14} {module.QUESTION}")
    return 0


def _adopt(names: list[str]) -> int:
    from rnn_book.experiments.runner import adopt

    for name in names:
        print(f"{name}: adopted {', '.join(adopt(name)) or 'nothing, all is of today'}")
    return 0


def _announce(name: str) -> None:
    """What is there, and how long the rest takes."""
    from rnn_book.experiments.report import duration
    from rnn_book.experiments.runner import finished

    far, cost = finished(name), claim(name).COST
    spent = sum(run.cpu_seconds for run in far.runs) / 60
    if far.complete:
        print(f"{name}: all {len(far.runs)} runs are there.")
    else:
        print(
            f"{name}: {len(far.runs)} of about {cost.runs} runs are there; the rest takes about "
            f"{duration(60 * max(cost.minutes - spent, 1))} of one core. Ctrl-C stops it, and what "
            "is finished is kept."
        )


def _run(names: list[str], quick: bool, jobs: int, minutes: float) -> int:
    from rnn_book.experiments import report
    from rnn_book.experiments.runner import run_claim

    for name in names:
        try:
            if not quick:
                _announce(name)
            runs = run_claim(name, quick=quick, jobs=jobs, minutes=minutes)
        except KeyboardInterrupt:
            print("\nInterrupted. What is finished is kept; start again to go on.", file=sys.stderr)
            return 130
        module = claim(name)
        if quick:
            verdict = module.verdict(module.summarise(runs))._asdict()
        else:
            found = report.result(name, runs)
            print(f"wrote {report.store(found)}")
            _figures([name])
            verdict = found["verdict"]
        print(f"{module.QUESTION} {verdict['status'].capitalize()}. {verdict['text']}")
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
