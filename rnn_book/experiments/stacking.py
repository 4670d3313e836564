"""G. Stacking: one, two and three layers, at equal parameters and at equal width."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rnn_book.baselines import ngram_bits
from rnn_book.datasets import reference_text
from rnn_book.draws import generator
from rnn_book.experiments.characters import (
    CharacterModel,
    Training,
    errors_saved,
    texts,
    train_model,
)
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.shown import (
    best_by_validation,
    grouped,
    plus_minus,
    table,
)

TITLE = "Stacking"
QUESTION = "A second layer makes a character model better."
SEEDS = 5
COST = Cost(runs=80, minutes=16)

LAYERS = (1, 2, 3)
RATES = (1e-2, 2e-2)
EMBEDDING, HELD_OUT = 24, 20_000
BATCH, STEPS = 16, 50
ORDER = 5  # longest n-gram, as a rival


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """First every net with every rate on the short budget, then with its best rate on the long."""
    width, short, long = (20, 20, 80) if quick else (64, 200, 1500)
    size = texts().size
    budget = parameters(size, width, 1)
    nets = {("parameters", layers): width_for(budget, size, layers) for layers in LAYERS}
    nets |= {("width", layers): width for layers in LAYERS[1:]}
    plans: list[dict[str, Any]] = [{"part": "n-gram"}]
    plans += [
        {
            "part": "short",
            "equal": equal,
            "layers": layers,
            "hidden": hidden,
            "updates": short,
            "rate": rate,
        }
        for (equal, layers), hidden in nets.items()
        for rate in (RATES[:1] if quick else RATES)
    ]
    if not runs:
        return plans
    chosen = _chosen(runs)
    return plans + [
        {**group[0].setting, "part": "long", "updates": long} for group in chosen.values()
    ]


def _chosen(runs: Sequence[Run]) -> dict[tuple[Any, ...], list[Run]]:
    """For each net the runs on the short budget with the rate that validation chose."""
    short = [run for run in runs if run.setting["part"] == "short"]
    return best_by_validation(short, ("equal", "layers"), _validation)


def _validation(run: Run) -> float:
    return float(min(run.result["validation"]))


def parameters(size: int, hidden: int, layers: int) -> int:
    """Parameters of a `CharacterModel` for `size` characters, all of them counted."""
    lstm = sum(
        4 * hidden * ((hidden if layer else EMBEDDING) + hidden + 2) for layer in range(layers)
    )
    return size * EMBEDDING + lstm + (hidden + 1) * size


def width_for(budget: int, size: int, layers: int) -> int:
    """Units a layer with which a net of so many layers comes closest to a number of parameters."""
    return min(range(1, 1000), key=lambda hidden: abs(parameters(size, hidden, layers) - budget))


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Bits per character of one net, trained once; or of n-grams."""
    text = texts(None, HELD_OUT)
    if setting["part"] == "n-gram":
        grams = ngram_bits(*text[:3], size=text.size, order=ORDER)
        order = min(range(ORDER), key=lambda n: grams[n].validation)
        return {**grams[order]._asdict(), "order": order + 1}
    weights = generator(seed.own)
    model = CharacterModel(text.size, EMBEDDING, setting["hidden"], setting["layers"], rng=weights)
    updates = setting["updates"]
    how = Training(updates, setting["rate"], BATCH, STEPS, every=20 if updates < 200 else 50)
    found = train_model(model, text, how, rng=generator(seed.shared))
    return {
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "characters": len(text.train),
        "updates": found["updates"],
        "validation": found["validation"],
        "test": found["test"],
        "test_at_end": found["test_at_end"],
    }


def data() -> list[dict[str, Any]]:
    """Provenance of the text."""
    return [reference_text().provenance]


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """For each net its size, its rate, and its scores on both budgets."""
    grams = next(run.result for run in runs if run.setting["part"] == "n-gram")
    long = grouped([run for run in runs if run.setting["part"] == "long"], "equal", "layers")
    nets = {}
    for key, short in _chosen(runs).items():
        setting, last = short[0].setting, long[key]
        nets[_show_name(*key)] = {
            **{name: setting[name] for name in ("equal", "layers", "hidden", "rate")},
            "parameters": short[0].result["parameters"],
            "short": _show_scores(short),
            "long": _show_scores(last),
            "at": last[0].result["updates"],
            "curves": [run.result["validation"] for run in last],
        }
    return {"nets": nets, "n-gram": grams}


def _show_name(equal: str, layers: int) -> str:
    return "1 layer" if layers == 1 else f"{layers} layers, equal {equal}"


def _show_scores(runs: Sequence[Run]) -> dict[str, Any]:
    updates = runs[0].setting["updates"]
    return {
        "updates": updates,
        "passes": updates * BATCH * STEPS / runs[0].result["characters"],
        "validation": [_validation(run) for run in runs],
        "test": [run.result["test"] for run in runs],
    }


CLEAR = 2.0  # standard errors
BUDGETS = ("short", "long")


def verdict(summary: dict[str, Any]) -> Verdict:
    """Two layers against one, at equal parameters and at equal width, on both budgets."""
    nets = summary["nets"]
    gains = {
        (equal, budget): errors_saved(
            nets["1 layer"][budget]["test"], nets[_show_name(equal, 2)][budget]["test"]
        )
        for equal in ("parameters", "width")
        for budget in BUDGETS
    }
    better = sum(value > CLEAR for value in gains.values())
    status = "held" if better == len(gains) else "held partly" if better else "not held"
    rule = (
        f"better means a mean test score lower by more than {CLEAR:g} standard errors of the "
        "difference. Held if two layers are better than one at equal parameters and at equal "
        "width, on the short budget and on the long; held partly if in some of the four cases."
    )
    passes = nets["1 layer"]["long"]["passes"]
    text = " ".join(_show_budget(nets, budget) for budget in BUDGETS)
    text += (
        f" The long budget is {passes:.1f} passes over the text, so this tells how fast nets "
        f"start, not where they end. {_show_rival(summary)}"
    )
    return Verdict(status, rule, text)  # type: ignore[arg-type]


def _show_rival(summary: dict[str, Any]) -> str:
    grams, nets = summary["n-gram"], summary["nets"]
    tests = [net["long"]["test"] for net in nets.values()]
    beaten = sum(grams["test"] < sum(test) / len(test) for test in tests)
    return (
        f"A {grams['order']}-gram model of the same text needs {grams['test']:.2f} bits, fewer "
        f"than {beaten} of the {len(nets)} nets."
    )


def _show_budget(nets: dict[str, Any], budget: str) -> str:
    one = nets["1 layer"][budget]

    def against_one(equal: str, layers: int) -> str:
        deep = nets[_show_name(equal, layers)][budget]["test"]
        return f"{plus_minus(deep)} ({_show_word(errors_saved(one['test'], deep))})"

    return (
        f"After {one['updates']} updates one layer needs {plus_minus(one['test'])} bits per "
        "character; "
        + "; ".join(
            f"at equal {equal} two layers {against_one(equal, 2)}, three {against_one(equal, 3)}"
            for equal in ("parameters", "width")
        )
        + "."
    )


def _show_word(value: float) -> str:
    return "better" if value > CLEAR else "worse" if value < -CLEAR else "no clear difference"


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Every net on both budgets, and the n-gram model."""
    nets, grams = summary["nets"], summary["n-gram"]
    updates = [next(iter(nets.values()))[budget]["updates"] for budget in BUDGETS]
    return {
        "table": table(
            [
                "test, bits per character",
                "units a layer",
                "parameters",
                "rate",
                *(f"{count} updates" for count in updates),
            ],
            [
                *(
                    [
                        name,
                        net["hidden"],
                        f"{net['parameters']:,}",
                        f"{net['rate']:g}",
                        *(plus_minus(net[budget]["test"]) for budget in BUDGETS),
                    ]
                    for name, net in nets.items()
                ),
                [f"{grams['order']}-gram model", "", "", "", "", f"{grams['test']:.2f}"],
            ],
        )
    }


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Validation curves on the long budget, at equal parameters and at equal width."""
    from rnn_book.plots import CONTENDERS, band, canvas, label_lines

    figure, panels = canvas(2, height=3.6, width=8.4, sharey=True)
    for axes, equal in zip(panels, ("parameters", "width"), strict=True):
        for layers, style in zip(LAYERS, CONTENDERS, strict=False):
            net = summary["nets"][_show_name(equal, layers)]
            label = f"{layers} layer{'s' * (layers > 1)}"
            band(axes, net["at"], net["curves"], style, label)
        axes.set(xlabel="updates", title=f"equal {equal}")
        label_lines(axes, room=0.32)
    panels[0].set_ylabel("validation, bits per character")
    return {
        "": Picture(
            figure,
            "Bits per character on validation text while nets of one, two and three layers learn",
            "Two panels, equal parameters and equal width; in each a line for one, two and three "
            "layers over the number of updates, with a band over seeds.",
        )
    }
