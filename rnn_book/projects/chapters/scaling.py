"""Tables of the chapter on many machines."""

from __future__ import annotations

from typing import Any

from rnn_book.experiments.shown import median, table
from rnn_book.projects.chapters.drawing import Made

__all__ = ["scaling"]


def scaling(stored: dict[str, Any]) -> Made:
    """From the stored measurement."""
    rows = []
    for row in stored["rows"]:
        one, two = (median(row["seconds"][r]) for r in ("1", "2"))
        rows.append(
            [
                f"{row['hidden']}",
                f"{row['parameters'] / 1e6:.2f} million",
                f"{1e3 * one:.0f} ms",
                f"{1e3 * two:.0f} ms",
                f"{row['speedup']:.2f}",
                f"{row['megabytes']:.1f} MB",
            ]
        )
    head = ["units", "weights", "one process", "two processes", "times faster", "sent per update"]
    networks = list(stored["rows"][0]["estimates"])
    guesses = [
        [
            f"{row['hidden']} units, {r} machines",
            *(f"{row['estimates'][n][r]:.1f}" for n in networks),
        ]
        for row in stored["rows"]
        for r in row["estimates"][networks[0]]
    ]
    return {
        "measured": table(head, rows),
        "estimates": table(["times faster, calculated", *networks], guesses),
    }, {}
