"""F. Recurrent dropout: a weather forecast with honest rivals, and every variant on text."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from rnn_book.baselines import ngram_bits, persistence, ridge
from rnn_book.datasets import reference_text, weather
from rnn_book.draws import generator
from rnn_book.experiments.characters import (
    CharacterModel,
    Training,
    errors_saved,
    texts,
    train_model,
)
from rnn_book.experiments.claims import Cost, Picture, Run, Seed, Verdict
from rnn_book.experiments.forecast import (
    DenseForecast,
    RecurrentForecast,
    train_forecast,
    windows,
)
from rnn_book.experiments.shown import (
    best_by_validation,
    grouped,
    mean,
    plus_minus,
    spread,
    table,
)

TITLE = "Recurrent dropout"
QUESTION = "Dropout on the recurrent state makes an LSTM generalise better."
SEEDS = 5
COST = Cost(runs=90, minutes=12)

# Name of a variant -> the options that a probability p gives.
VARIANTS: dict[str, Callable[[float], dict[str, Any]]] = {
    "none": lambda p: {},
    "output": lambda p: {"output_dropout": p},
    "state": lambda p: {"recurrent_dropout": p},
    "output and state": lambda p: {"output_dropout": p, "recurrent_dropout": p},
    "update": lambda p: {"recurrent_dropout": p, "recurrent_dropout_on": "update"},
    "zoneout": lambda p: {"zoneout": p},
    "weight drop": lambda p: {"weight_drop": p},
}
ON_WEATHER = ("none", "output", "state", "output and state")
PROBABILITIES = (0.25, 0.5)
CHARACTERS, HELD_OUT, EMBEDDING = 40_000, 20_000, 32
ORDER = 5  # longest n-gram, as a rival on text


def plan(quick: bool, runs: Sequence[Run]) -> list[dict[str, Any]]:
    """Variants on text with one probability, on weather with two; and rivals that are no RNN."""
    sizes = {"hidden": 16, "epochs": 2} if quick else {"hidden": 32, "epochs": 2}
    text = {"hidden": 24, "updates": 60} if quick else {"hidden": 96, "updates": 800}
    on_text = ("none", "state") if quick else tuple(VARIANTS)
    on_weather = ("none", "state") if quick else ON_WEATHER
    on_dense = ("none",) if quick else ("none", "output")
    usual = PROBABILITIES[:1]
    # The quick version takes the larger, which shows on a net that has hardly begun.
    tried = PROBABILITIES[1:] if quick else PROBABILITIES

    def each(variants: Sequence[str], probabilities: Sequence[float]) -> list[dict[str, Any]]:
        return [
            {"variant": name, "p": p}
            for name in variants
            for p in ((0.0,) if name == "none" else probabilities)
        ]

    return [
        {"part": "rivals"},
        *({"part": "characters", "net": "LSTM", **text, **e} for e in each(on_text, usual)),
        *({"part": "weather", "net": "dense", **sizes, **e} for e in each(on_dense, tried)),
        *({"part": "weather", "net": "LSTM", **sizes, **e} for e in each(on_weather, tried)),
    ]


def run(setting: dict[str, Any], seed: Seed) -> dict[str, Any]:
    """Scores on validation and test data, and curves."""
    if setting["part"] == "rivals":
        return _rivals()
    options = VARIANTS[setting["variant"]](setting["p"])
    trained = _weather if setting["part"] == "weather" else _characters
    return trained(setting, options, seed)


def _rivals() -> dict[str, Any]:
    """What has no seed: persistence and ridge on weather, n-grams on text."""
    data = windows()
    linear = ridge(*data)
    text = texts(CHARACTERS, HELD_OUT)
    grams = ngram_bits(*text[:3], size=text.size, order=ORDER)
    order = min(range(ORDER), key=lambda n: grams[n].validation)
    return {
        "persistence": {
            "validation": persistence(data.validation),
            "test": persistence(data.test),
        },
        "ridge": linear._asdict(),
        "n-gram": {**grams[order]._asdict(), "order": order + 1},
    }


def _weather(setting: dict[str, Any], options: dict[str, Any], seed: Seed) -> dict[str, Any]:
    data = windows()
    kind = RecurrentForecast if setting["net"] == "LSTM" else DenseForecast
    net = kind(
        data.train.inputs.shape[-1],
        setting["hidden"],
        float(data.train.targets.std()),
        rng=generator(seed.own),
        **options,
    )
    order = generator(seed.shared)
    return train_forecast(net, data, epochs=setting["epochs"], rate=2e-3, rng=order)


def _characters(setting: dict[str, Any], options: dict[str, Any], seed: Seed) -> dict[str, Any]:
    text = texts(CHARACTERS, HELD_OUT)
    model = CharacterModel(
        text.size, EMBEDDING, setting["hidden"], rng=generator(seed.own), **options
    )
    updates = setting["updates"]
    how = Training(updates, 1e-2, batch=16, steps=50, every=updates // 10)
    return train_model(model, text, how, rng=generator(seed.shared))


def data() -> list[dict[str, Any]]:
    """Provenance of the weather and of the text."""
    return [weather().provenance, reference_text().provenance]


def summarise(runs: Sequence[Run]) -> dict[str, Any]:
    """For each contender the probability that validation chose, its scores and its curves."""
    rivals = next(run.result for run in runs if run.setting["part"] == "rivals")
    found: dict[str, Any] = {"rivals": rivals, "weather": {}, "characters": {}}
    trained = [run for run in runs if run.setting["part"] != "rivals"]
    # Without dropout there is no probability; the dense net's is tuned as the LSTM's variants are.
    for part, net, variant in grouped(trained, "part", "net", "variant"):
        name = "dense" if net == "dense" else variant
        mine = [
            run
            for run in trained
            if (run.setting["part"], run.setting["net"]) == (part, net)
            and (net == "dense" or run.setting["variant"] == variant)
        ]
        (best,) = best_by_validation(mine, ("part", "net"), _validation).values()
        results = [run.result for run in best]
        found[part][name] = {
            "p": best[0].setting["p"],
            "at": results[0].get("epochs") or results[0]["updates"],
            "validation": [_validation(run) for run in best],
            "test": [r["test"] for r in results],
            "test_at_end": [r["test_at_end"] for r in results],
            "best_at": [(r.get("epochs") or r["updates"])[r["best"]] for r in results],
            "train_curves": [r["train"] for r in results],
            "validation_curves": [r["validation"] for r in results],
        }
    return found


def _validation(run: Run) -> float:
    return float(run.result["validation"][run.result["best"]])


CLEAR = 2.0  # standard errors


def verdict(summary: dict[str, Any]) -> Verdict:
    """Dropout on the state against none, on both tasks, with a stop at the best moment."""
    parts = {"weather": summary["weather"], "characters": summary["characters"]}
    gains = {name: _show_gain(found, "test") for name, found in parts.items()}
    at_end = {name: _show_gain(found, "test_at_end") for name, found in parts.items()}
    count = sum(gain > CLEAR for gain in gains.values())
    late = sum(gain > CLEAR for gain in at_end.values())
    status = ("not held", "held partly", "held")[count if count else min(late, 1)]
    rule = (
        f"dropout helps if it lowers the mean test score by more than {CLEAR:g} standard errors of "
        "the difference. Held if dropout on the state, each net stopped where its validation score "
        "is best, helps on weather and on text; held partly if it helps on one of them, or only "
        "nets that are trained to the end."
    )
    sentences = [
        _show_task("Weather", parts["weather"], "°C", 2, gains["weather"], at_end["weather"]),
        _show_rivals(summary),
        _show_task(
            "Text", parts["characters"], "bits", 3, gains["characters"], at_end["characters"]
        ),
        _show_variants(parts["characters"]),
    ]
    return Verdict(status, rule, " ".join(sentences))  # type: ignore[arg-type]


def _show_gain(found: dict[str, Any], score: str) -> float:
    return errors_saved(found["none"][score], found["state"][score])


def _show_task(
    name: str, found: dict[str, Any], unit: str, digits: int, gain: float, at_end: float
) -> str:
    none, state = found["none"], found["state"]
    return (
        f"{name}: {plus_minus(none['test'], digits)} {unit} without dropout, "
        f"{plus_minus(state['test'], digits)} with it on the state ({gain:+.1f} standard errors); "
        f"at the end of training {plus_minus(none['test_at_end'], digits)} and "
        f"{plus_minus(state['test_at_end'], digits)} ({at_end:+.1f})."
    )


def _show_rivals(summary: dict[str, Any]) -> str:
    nets, rivals = summary["weather"], summary["rivals"]
    variants = [name for name in nets if name != "dense"]
    name = min(variants, key=lambda variant: mean(nets[variant]["validation"]))
    linear, net = rivals["ridge"]["test"], nets[name]["test"]
    error = spread(net) / math.sqrt(len(net))
    word = "is level with"
    if abs(mean(net) - linear) > CLEAR * error:
        word = "beats" if mean(net) < linear else "loses to"
    return (
        f"The LSTM that validation likes best ({name}, {plus_minus(net)} °C) {word} ridge "
        f"regression ({linear:.2f}); the dense net has {plus_minus(nets['dense']['test'])}, "
        f"persistence {rivals['persistence']['test']:.2f}."
    )


def _show_variants(found: dict[str, Any]) -> str:
    without = found["none"]["test"]
    steps = {name: errors_saved(without, found[name]["test"]) for name in found if name != "none"}
    words = [
        ", ".join(names) if names else "none"
        for names in (
            [name for name, step in steps.items() if step > CLEAR],
            [name for name, step in steps.items() if step < -CLEAR],
        )
    ]
    return f"Of the variants on text, these help: {words[0]}; these harm: {words[1]}."


def tables(summary: dict[str, Any]) -> dict[str, str]:
    """Weather; text."""
    rivals = summary["rivals"]
    still, ridge_, grams = (rivals[name] for name in ("persistence", "ridge", "n-gram"))
    head = ["p", "validation", "test", "test at the end", "stopped after"]
    return {
        "table": table(
            ["mean absolute error, °C", *head[:-1], f"{head[-1]}, epochs"],
            [
                ["persistence", "", f"{still['validation']:.2f}", f"{still['test']:.2f}", "", ""],
                ["ridge", "", f"{ridge_['validation']:.2f}", f"{ridge_['test']:.2f}", "", ""],
                *_show_rows(summary["weather"], 2, 1),
            ],
        ),
        "characters": table(
            ["bits per character", *head[:-1], f"{head[-1]}, updates"],
            [
                [
                    f"{grams['order']}-gram",
                    "",
                    f"{grams['validation']:.3f}",
                    f"{grams['test']:.3f}",
                    "",
                    "",
                ],
                *_show_rows(summary["characters"], 3, 0),
            ],
        ),
    }


def _show_rows(found: dict[str, Any], digits: int, digits_of_time: int) -> list[list[str]]:
    return [
        [
            "dense net" if name == "dense" else f"LSTM, {name}",
            f"{net['p']:g}" if net["p"] else "",
            *(plus_minus(net[key], digits) for key in ("validation", "test", "test_at_end")),
            plus_minus(net["best_at"], digits_of_time),
        ]
        for name, net in found.items()
    ]


def figures(summary: dict[str, Any]) -> dict[str, Picture]:
    """Training and validation curves on weather; every seed's test score, on weather and text."""
    from rnn_book.plots import band, canvas, label_lines

    rivals, nets = summary["rivals"], summary["weather"]
    lstms = {name: net for name, net in nets.items() if name != "dense"}
    curves, panels = canvas(2, height=3.6, width=8.4, sharey=True)
    for axes, part in zip(panels, ("train", "validation"), strict=True):
        for name, net in lstms.items():
            band(axes, net["at"], net[f"{part}_curves"], _show_style(name), name)
        axes.set(
            xlabel="epochs",
            xticks=nets["none"]["at"],
            title="training" if part == "train" else "validation",
        )
        label_lines(axes, room=0.5)
    panels[0].set_ylabel("mean absolute error, °C")

    scores, axes = canvas(height=3.6)
    levels = {name: rivals[name]["test"] for name in ("persistence", "ridge")}
    _show_scores(axes, nets, levels)
    axes.set_ylabel("test error, °C")
    text, axes = canvas(height=3.6, width=7.2)
    grams = rivals["n-gram"]
    _show_scores(axes, summary["characters"], {f"{grams['order']}-gram": grams["test"]})
    axes.set_ylabel("test, bits per character")
    return {
        "": Picture(
            curves,
            "Error on training and validation windows while LSTMs learn to forecast temperature",
            "Two panels, training and validation, error over epochs, one line for no dropout and "
            "one for each place of dropout.",
        ),
        "weather": Picture(
            scores,
            "Test error of the temperature forecasts",
            "Every seed's error as a mark and the mean as a stroke, for a dense net and for LSTMs "
            "with and without dropout; horizontal lines for persistence and ridge regression.",
        ),
        "characters": Picture(
            text,
            "Bits per character on test text for every variant of dropout",
            "Every seed's score as a mark and the mean as a stroke, for an LSTM without dropout "
            "and with each variant; a horizontal line for an n-gram model.",
        ),
    }


def _show_style(name: str) -> Any:
    """A style for each variant, the same in every figure; the last one is the dense net's."""
    from rnn_book.plots import CONTENDERS

    return CONTENDERS[list(VARIANTS).index(name) if name in VARIANTS else -1]


def _show_scores(axes: Any, found: dict[str, Any], lines: dict[str, float]) -> None:
    """Marks for every contender, and a labelled level for each rival that has no seed."""
    from rnn_book.plots import CONTENDERS, dots

    for place, (name, net) in enumerate(found.items()):
        dots(axes, place, net["test"], _show_style(name))
    names = [
        "dense net" if name == "dense" else name.replace(" and ", "\nand ").replace("t d", "t\nd")
        for name in found
    ]
    axes.set_xticks(range(len(names)), names)
    axes.set_xlim(-0.6, len(names) + 0.5)
    axes.grid(visible=False, axis="x")
    for style, (name, level) in zip(CONTENDERS[:-3:-1], lines.items(), strict=False):
        axes.axhline(level, color=style.light, linewidth=1.2, dashes=style.dash or (4, 2))
        axes.annotate(
            name,
            (1, level),
            (-2, 3),
            xycoords=("axes fraction", "data"),
            textcoords="offset points",
            ha="right",
            color=style.light,
        )
