"""Run the benchmarks: ``python -m tools.bench [--quick] [--count] [--report] [GROUP ...]``.

Without a group all are run, in some minutes, and the results, the page and the figure are written
anew.
"""

from __future__ import annotations

import argparse
import sys

from tools.bench.alone import one_thread


def main() -> int:
    """Parse the arguments, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP")
    parser.add_argument("--quick", action="store_true", help="fewer rounds; nothing is written")
    parser.add_argument(
        "--count", action="store_true", help="count memory anew, and keep the times as they are"
    )
    parser.add_argument(
        "--report", action="store_true", help="write page and figure from the stored results"
    )
    options = parser.parse_args()
    code = one_thread("tools.bench")
    if code is not None:
        return code
    from tools.bench import growth, report, results
    from tools.bench.measure import measure, names

    unknown = [name for name in options.groups if name not in names()]
    if unknown:
        parser.error(f"no group {unknown[0]!r}; there are {', '.join(names())}")
    if options.count:
        results.store(growth.counted(results.load()))
    elif not options.report:
        found = measure(options.groups or names(), options.quick)
        if options.quick or options.groups:
            print(report.tables(found))
            return 0
        results.store(found)
    try:
        for path in report.write():
            print(f"wrote {path}")
    except results.DamagedError as error:
        print(f"Error: {error}.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        print("\nStopped. The stored results are as they were.", file=sys.stderr)
        sys.exit(130)
