"""Which parts of the LSTM cell belong together."""

from __future__ import annotations

_TO_F = ("h_in", "x_in", "join", "bus_f", "stub_f", "gate_f", "out_f")

#: The parts of each path: what a page brings forward when it speaks of it.
PATHS: dict[str, frozenset[str]] = {
    # f_t, and what it does to the old cell state.
    "forget": frozenset({*_TO_F, "c_in", "times_f", "c_kept"}),
    # i_t and g_t, their product, and its addition to the state.
    "input": frozenset(
        {"h_in", "x_in", "join", "bus_f", "bus_i", "bus_g", "stub_i", "stub_g", "gate_i", "gate_g"}
        | {"out_i", "out_g", "times_i", "written", "plus", "c_out"}
    ),
    # o_t, and the copy of the new cell state that it lets out as h_t.
    "output": frozenset(
        {"h_in", "x_in", "join", "bus_f", "bus_i", "bus_g", "bus_o", "gate_o", "out_o"}
        | {"c_read", "tanh_c", "c_squashed", "times_o", "h_new", "h_out", "h_up"}
    ),
    # From the new cell state to h_t.
    "hidden": frozenset(
        {"c_out", "c_read", "tanh_c", "c_squashed", "out_o", "times_o", "h_new", "h_out", "h_up"}
    ),
    # The cell state on its way from step to step.
    "state": frozenset({"c_in", "times_f", "c_kept", "plus", "c_out"}),
    # What the variants change.
    "peepholes": frozenset({"c_in", "times_f", "c_kept", "plus", "c_out"})
    | {"gate_f", "gate_i", "gate_o", "peep_f", "peep_i", "peep_o"},
    "coupled": frozenset({"gate_f", "out_f", "out_i", "times_f", "times_i"}),
    "no-forget-gate": frozenset({"c_in", "plus", "c_out"}),
}
