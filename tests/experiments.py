"""The quick versions of the claims, run once in this process for all tests that look at them."""

import functools

from rnn_book.experiments import runner
from rnn_book.experiments.claims import Run, claim


@functools.cache
def quick_runs(name):
    """All runs of the quick version of a claim."""
    module, runs = claim(name), []
    while True:
        planned = [
            (setting, index)
            for setting in module.plan(True, runs)
            for index in runner.indices(module, setting, True)
        ]
        if len(planned) == len(runs):
            return tuple(runs)
        runs = [
            Run(setting, index, runner.plain(module.run(setting, seed)), 1.0)
            for setting, index in planned
            for seed in [runner.seed_of(name, setting, index)]
        ]


@functools.cache
def quick_summary(name):
    """Its summary, as it would be stored."""
    return runner.plain(claim(name).summarise(quick_runs(name)))


def planted_net(values, **more):
    """A contender of a summary with these test scores, one a seed."""
    count = len(values)
    return {
        "seeds": list(range(count)),
        "test": list(values),
        "chosen": {},
        "inside": True,
        "updates_at_best": [1] * count,
        **more,
    }


NOISE = (-0.02, -0.01, 0.0, 0.005, 0.01, 0.015)
"""Of six seeds: an interval of about ±0.014."""


def around(value):
    """Six scores around a value, alike for all contenders but for a little of each one's own."""
    return [value + NOISE[(k * 5) % 6] * 0.5 for k in range(6)]
