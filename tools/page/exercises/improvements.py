"""The exercises of the part on improvements."""

from __future__ import annotations

from tools.page.exercises import (
    bidirectional,
    combining,
    layer_normalisation,
    recurrent_dropout,
    stacking,
)
from tools.page.exercises.kinds import Coding, Prediction

EXERCISES: dict[str, Coding | Prediction] = {
    **bidirectional.EXERCISES,
    **combining.EXERCISES,
    **layer_normalisation.EXERCISES,
    **recurrent_dropout.EXERCISES,
    **stacking.EXERCISES,
}
