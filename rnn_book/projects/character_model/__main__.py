"""A model that writes: ``python -m rnn_book.projects.character_model COMMAND --help``."""

from __future__ import annotations

import argparse
import sys
import sysconfig
from pathlib import Path
from typing import Any

from rnn_book.projects.character_model.settings import KINDS, PRECISIONS, Settings
from rnn_book.projects.refusal import INTERRUPTED, guarded

SETTINGS: dict[str, str] = {
    "kind": "of the recurrent layers",
    "hidden": "units of each layer",
    "layers": "number of recurrent layers",
    "embedding": "length of a character's vector",
    "min-count": "characters that occur less often in training are unknown to the model",
    "batch": "streams that are read side by side, over all processes",
    "steps": "characters of each stream in one update",
    "rate": "Adam's rate after the warm-up",
    "warmup": "updates until the rate is reached",
    "slow-down": "updates after which the rate falls with the square root of their number",
    "clip": "largest norm of the gradient",
    "average": "what the running average of the weights keeps of itself at an update",
    "dropout": "probability, on a layer's input and on the last output",
    "recurrent-dropout": "probability, one mask a sequence, on what goes around",
    "weight-drop": "probability, on the recurrent weights",
    "precision": "of the products",
    "seed": "of weights, masks, and where a pass over the text begins",
}
SHIPPED = Path(__file__).resolve().parents[3] / "models" / "character-model.safetensors"
"""The trained model lies in the repository, not in the package, which stays small."""

CHOICES = {"kind": KINDS, "precision": PRECISIONS}


def main(arguments: list[str] | None = None) -> int:
    """Parse, and run one of the commands."""
    options = vars(_parser().parse_args(arguments))
    command = options.pop("command")
    try:
        return guarded(lambda: command(options))
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m rnn_book.projects.character_model", description=__doc__, allow_abbrev=False
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_train(commands)
    _add_sample(commands)
    _add_evaluate(commands)
    _add_look(commands)
    return parser


def _add_train(commands: Any) -> None:
    train = commands.add_parser(
        "train",
        help="train a model, or go on",
        description="Train a model. Where OUT holds a checkpoint, go on from it. Under torchrun, "
        "several processes share the work.",
        allow_abbrev=False,
    )
    train.set_defaults(command=_train)
    train.add_argument("--out", type=Path, required=True, help="folder of this run")
    train.add_argument(
        "--text", help="source (default), reference, or a file of your own, in UTF-8"
    )
    train.add_argument("--updates", type=int, default=20_000, help="where to stop (%(default)s)")
    train.add_argument(
        "--every", type=int, default=250, help="updates between checkpoints (%(default)s)"
    )
    train.add_argument("--device", default="cpu", help="as torch names it (%(default)s)")
    train.add_argument(
        "--parts",
        type=int,
        default=1,
        help="parts of the batch that go through the model one after the other, to save memory",
    )
    train.add_argument("--start-from", type=Path, help="weights to begin with")
    defaults = vars(Settings())
    group = train.add_argument_group("settings of a new run")
    for name, words in SETTINGS.items():
        default = defaults[name.replace("-", "_")]
        group.add_argument(
            f"--{name}",
            type=type(default),
            choices=CHOICES.get(name),
            default=argparse.SUPPRESS,
            help=f"{words} ({default})",
        )


def _train(options: dict[str, Any]) -> int:
    from rnn_book.projects.character_model.train import train

    own = ("out", "text", "updates", "every", "device", "parts", "start_from")
    arguments = {name: options.pop(name) for name in own}
    return train(asked=options, **arguments)


def _add(commands: Any, name: str, command: Any, words: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=words[0].lower() + words[1:-1], description=words, allow_abbrev=False
    )
    parser.set_defaults(command=command)
    parser.add_argument(
        "--weights",
        type=Path,
        default=SHIPPED,
        help="a file that train wrote (default: the model that comes with the book)",
    )
    return parser


def _add_sample(commands: Any) -> None:
    parser = _add(commands, "sample", _sample, "Write text that continues a prompt.")
    parser.add_argument("--prompt", default="def ", help="what it continues (%(default)r)")
    parser.add_argument(
        "--characters", type=int, default=1000, help="how many to write (%(default)s)"
    )
    parser.add_argument(
        "--temperature",
        type=float,
        default=0.7,
        help="below 1 likely characters grow likelier; 0 takes the likeliest (%(default)s)",
    )
    parser.add_argument("--top", type=int, help="choose among so many of the likeliest only")
    parser.add_argument("--seed", type=int, help="for the draws (default: another each time)")
    parser.add_argument(
        "--backend", choices=("torch", "numpy"), default="torch", help="both write the same"
    )


def _add_evaluate(commands: Any) -> None:
    parser = _add(commands, "evaluate", _evaluate, "Score a model on text that it has not read.")
    parser.add_argument(
        "--text", help="another text than the test part of the model's own, scored as a whole"
    )
    parser.add_argument(
        "--baselines", action="store_true", help="n-grams and compressors beside it (a minute)"
    )
    parser.add_argument("--to", type=Path, help="store the result as JSON")


def _add_look(commands: Any) -> None:
    words = "Write a page of text, coloured by the units that follow something in it."
    parser = _add(commands, "look", _look, words)
    folder = Path(sysconfig.get_path("stdlib"))
    parser.add_argument("--to", type=Path, default=Path("look.html"), help="the page (%(default)s)")
    for name, module, use in (
        ("chosen-on", "configparser", "units are chosen on"),
        ("scored-on", "textwrap", "is scored and shown"),
    ):
        parser.add_argument(
            f"--{name}",
            type=Path,
            default=folder / f"{module}.py",
            help=f"Python source that {use} (default: the standard library's {module}.py)",
        )
    parser.add_argument("--unit", help="show this one, such as l0.c.17, not those of the search")


def _sample(options: dict[str, Any]) -> int:
    from rnn_book.projects.character_model.sample import sample

    return sample(**options)


def _evaluate(options: dict[str, Any]) -> int:
    from rnn_book.projects.character_model.evaluate import evaluate

    return evaluate(**options)


def _look(options: dict[str, Any]) -> int:
    from rnn_book.projects.character_model.look import look

    return look(**options)


if __name__ == "__main__":
    sys.exit(main())
