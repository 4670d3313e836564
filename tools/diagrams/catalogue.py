"""The list of all figures."""

from __future__ import annotations

from collections.abc import Callable

from tools.diagrams import (
    attention,
    backward,
    benchmarks,
    combine,
    cover,
    gate_lab,
    gradients,
    grammar,
    gru,
    history,
    improvements,
    kinship,
    layer_norm,
    lstm,
    masks,
    parameters,
    reach,
    rnn,
    sequences,
    speed,
    squashing,
    variants,
)
from tools.diagrams.svg import Figure

#: Every figure by its path below ``images/``, without the ending.
FIGURES: dict[str, Callable[[], Figure]] = {
    "cover": cover.cover,
    "lstm/memory-cell": lstm.memory_cell,
    "lstm/unfolded": lstm.unfolded,
    "lstm/forget-gate": lstm.forget_gate,
    "lstm/input-gate": lstm.input_gate,
    "lstm/output-gate": lstm.output_gate,
    "lstm/hidden-units": lstm.hidden_units,
    "lstm/peephole": variants.peephole,
    "lstm/block-1997": variants.block,
    "lstm/coupled": variants.coupled,
    "lstm/reber": grammar.reber,
    "lstm/no-forget-gate": variants.no_forget_gate,
    "lstm/backward": backward.backward,
    "lstm/kinship": kinship.kinship,
    "lstm/tanh-or-sigmoid": squashing.tanh_or_sigmoid,
    "gru/cell": gru.cell,
    "gru/reset-gate": gru.reset_gate,
    "gru/update-gate": gru.update_gate,
    "gru/candidate": gru.candidate,
    "gru/reset-before-after": gru.reset_before_after,
    "gru/parameters": parameters.parameters,
    "improvements/masks": masks.masks,
    "improvements/stacked": improvements.stacked,
    "improvements/bidirectional": improvements.bidirectional,
    "improvements/layer-norm": layer_norm.layer_norm,
    "improvements/combine": combine.combine,
    "rnn/recurrent-layer": rnn.recurrent_layer,
    "rnn/chain": rnn.chain,
    "rnn/unfolded": rnn.unfolded,
    "rnn/timeline": history.timeline,
    "rnn/vanishing-product": gradients.vanishing_product,
    "rnn/truncated-bptt": gradients.truncated_bptt,
    "rnn/padding-and-lengths": sequences.padding_and_lengths,
    "rnn/task-shapes": sequences.task_shapes,
    "labs/gate-lab": gate_lab.gate_lab,
    "practice/attention": attention.attention,
    "practice/encoder-decoder": attention.encoder_decoder,
    "practice/reach": reach.reach,
    "practice/where-the-time-goes": speed.where_the_time_goes,
    "practice/one-call": speed.one_call,
    "about/benchmarks": benchmarks.benchmarks,
}


def draw(name: str) -> str:
    """Return the text of one SVG file.

    Parameters
    ----------
    name : str
        A key of ``FIGURES``.

    Raises
    ------
    KeyError
        If there is no such figure.
    """
    return FIGURES[name]().render()
