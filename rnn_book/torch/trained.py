"""The networks of the chapter on attention, trained: dates into ISO form."""

from __future__ import annotations

import torch

from rnn_book.dates import ISO, TRAINED, WRITTEN, trained_weights
from rnn_book.torch.encoder_decoder import EncoderDecoder

__all__ = ["date_model"]


def date_model(name: str = "attention") -> EncoderDecoder:
    """An encoder-decoder that has learned to write dates in ISO form, in float64.

    Parameters
    ----------
    name
        ``"attention"``, or ``"vector"``: the same network without attention.

    Raises
    ------
    ValueError
        For another name.
    """
    weights = trained_weights(name)
    model = EncoderDecoder(
        len(WRITTEN),
        len(ISO),
        attention=TRAINED[name],
        rng=0,
        dtype="float64",
    )
    model.load_state_dict({key: torch.from_numpy(value) for key, value in weights.items()})
    return model.eval()
