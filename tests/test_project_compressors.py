"""Compressors as rivals of a character model."""

import bz2
import lzma
import math

import numpy as np
import pytest

from rnn_book.projects.character_model.compressed import compressed_bits


def test_compressors_are_charged_by_the_character():
    text = "naïve " * 400
    data = text.encode()
    assert len(data) > len(text)
    assert compressed_bits(text, "bz2") == 8 * len(bz2.compress(data)) / len(text)
    unhurried = len(lzma.compress(data, preset=9 | lzma.PRESET_EXTREME))
    assert compressed_bits(text, "xz") == 8 * unhurried / len(text)


def test_a_primed_compressor_pays_for_what_is_new_alone():
    rng = np.random.default_rng(1)
    text = "".join(chr(97 + i) for i in rng.integers(0, 26, 20_000))
    alone, primed = (
        compressed_bits(text, "xz"),
        compressed_bits(text, "xz", primed_with=text),
    )
    assert alone > math.log2(26)
    assert primed < 0.1


@pytest.mark.parametrize(
    "text, method, message",
    [
        ("", "xz", "text must not be empty"),
        ("a", "zip", "method must be one of bz2, xz, got 'zip'"),
    ],
)
def test_an_impossible_compression_names_the_argument(text, method, message):
    with pytest.raises(ValueError, match=message):
        compressed_bits(text, method)
