"""Exercises that answer back: solutions are taken, typical mistakes get a hint of their own."""

from pathlib import Path

import numpy as np
import pytest

from rnn_book import record_gates
from rnn_book.numpy import GRU, RNN, example
from tests import mistakes_gru, mistakes_improvements, mistakes_practice
from tools.page.exercises import EXERCISES, check
from tools.page.exercises.kinds import Coding, Prediction

ROOT = Path(__file__).resolve().parent.parent
CODING = [name for name, one in EXERCISES.items() if isinstance(one, Coding)]
PREDICTIONS = [name for name, one in EXERCISES.items() if isinstance(one, Prediction)]

ATTEND = "practice/encoder-decoder-attention/exercise_3"
BIAS = "lstm/forget-gate/exercise_3"
RUN = "lstm/memory-cell/exercise_3"
DELAYS = "rnn/why-memory/exercise_3"
AHEAD = "rnn/other-ways-out/exercise_3"
BACK = "rnn/backpropagation-through-time/exercise_3"
CENTRED = "lstm/tanh-or-sigmoid/exercise_3"
CLIP = "practice/training/exercise_3"
WINDOWS = "lstm/in-practice/exercise_3"
TIMER = "lstm/variants/exercise_3"
LEAKY = "lstm/backward-pass/exercise_3"
RECALL = "lstm/long-lags/exercise_3"
COUNTER = "lstm/endless-streams/exercise_3"

LOOP = """\
def run(cell, x, state=None):
    outputs = []
    for x_t in x:
        {step}
        outputs.append({kept})
    return {returned}
"""


def loop(step="state = cell(x_t, state)", kept="state[0]", returned="outputs, state"):
    return LOOP.format(step=step, kept=kept, returned=returned)


def layer(*lines):
    code = """\
from rnn_book.numpy import RNN
layer = RNN(1, 3, bias=False, rng=0, dtype="float64")
weights = layer.state_dict()
w_x, w_h = weights["weight_ih_l0"], weights["weight_hh_l0"]
w_x[:] = w_h[:] = 0
"""
    return "\n".join([code, *lines, "layer.load_state_dict(weights)"])


def back(
    arrives="d_h + output[t]", slope=" * (1 - output[t] ** 2)", d_x="d_a @ W_hx", d_h="d_a @ W_hh"
):
    code = EXERCISES[BACK].start.partition("    d_a =")[0]
    return f"{code}    d_a = ({arrives}){slope}\n    d_x[t], d_h = {d_x}, {d_h}\n"


def timer(*, f=190, g="atanh(0.1)", o=-190, peepholes="[0, -200, 200]"):
    return f"""\
from math import atanh
import numpy as np
from rnn_book.numpy import PeepholeLSTM
layer = PeepholeLSTM(1, 1, rng=0, dtype="float64")
weights = {{name: 0 * value for name, value in layer.state_dict().items()}}
weights["bias_ih_l0"][:] = np.array([50, {f}, {g}, {o}])
weights["weight_peephole_l0"][:] = np.array({peepholes})
layer.load_state_dict(weights)
"""


def centred(h="2 * sigmoid(a) - 1", slope="(1 - h * h) / 2"):
    return (
        EXERCISES[CENTRED]
        .start.replace("sigmoid(a)  #", f"{h}  #")
        .replace("h * (1 - h)])", f"{slope}])")
    )


def windows(state="state", d="d_answer[window]", zero="layer.zero_grad()"):
    head, _, tail = EXERCISES[WINDOWS].start.partition("    layer.zero_grad()\n")
    tail = tail.partition("handed on\n")[2]
    return f"""\
{head}    {zero}
    state = None
    for start in range(0, 6, size):
        window = slice(start, start + size)
        output, state = layer(x[window], {state})
        layer.backward({d})
{tail}"""


def clipping(*lines):
    return "\n".join(
        ["import numpy as np", "def clip(layer, max_norm):", *map("    {}".format, lines)]
    )


ALL = "norm = sum((grad * grad).sum() for grad in layer.grads.values()) ** 0.5"
SHORTEN = "for grad in layer.grads.values(): grad *= min(1.0, max_norm / norm)"


def ahead(now="np.eye(H)[:, :, None] * h", old="np.tensordot(W_hh, S, 1)", slope="(1 - new**2)"):
    code = EXERCISES[AHEAD].start
    code, after = code.partition("    h =")[0], code.partition("d_W =")[2]
    lines = (
        "    new = np.tanh(W_hx @ x_t + W_hh @ h)",
        f"    S = ({slope} + np.zeros(H))[:, None, None] * ({now} + {old})",
        f"    h = new\nd_W ={after}",
    )
    return code + "\n".join(lines)


def leaky(d_f="d_h * (h - n)", d_n="d_h * (1 - f)", carried="d_h * f"):
    code = EXERCISES[LEAKY].start
    for name, value in (("d_f", d_f), ("d_n", d_n), ("carried", carried)):
        code = code.replace(f"{name} = 0 * d_h", f"{name} = {value}")
    return code


def lstm(inputs, units, **blocks):
    """A layer whose weights are 0, but for rows of gates: `i="w[k, k] = 40; b[:] = -20"`."""
    code = f"""\
from rnn_book.numpy import LSTM
layer = LSTM({inputs}, {units}, rng=0, dtype="float64")
weights = layer.state_dict()
for value in weights.values():
    value[:] = 0.0
"""
    for gate, lines in blocks.items():
        first = units * "ifgo".index(gate)
        code += f"w = weights['weight_ih_l0'][{first}:{first + units}]\n"
        code += f"b = weights['bias_ih_l0'][{first}:{first + units}]\n{lines}\n"
    return code + "layer.load_state_dict(weights)\n"


OWN = "for k in range(4): w[k, k] = "


def recaller(**changed):
    blocks = {"i": f"{OWN}40\nb[:] = -20", "f": "b[:] = 50", "g": f"{OWN}2", "o": "b[:] = 50"}
    return lstm(8, 4, **{**blocks, **changed})


def counter(**changed):
    blocks = {"i": "b[:] = 50", "f": "b[:] = 50\nw[:, 6] = -100", "g": "b[:] = 50"}
    return lstm(7, 1, **{**blocks, **changed})


SCORES = "scores = np.where(np.arange(len(memory)) < length, memory @ query, -np.inf)"
ATTENDING = """\
import numpy as np
def attend(query, memory, length):
    {scores}
    {weights}
    return {returned}
"""


def attending(
    scores=SCORES,
    weights="weights = np.exp(scores) / np.exp(scores).sum()",
    returned="weights @ memory, weights",
):
    return ATTENDING.format(scores=scores, weights=weights, returned=returned)


PLAIN = "scores = memory @ query"
HALF = "from math import log\nf = 0.5 ** (1 / 1000)\nbias = "
WRONG = [
    (ATTEND, attending(), "until the padding holds nan"),
    (ATTEND, attending(PLAIN), "still get a share"),
    (ATTEND, attending(weights="weights = np.exp(scores)"), "do not sum to 1"),
    (ATTEND, attending(PLAIN, "weights = scores / scores.sum()"), "over their sum"),
    (ATTEND, attending("memory = memory[:length]; " + PLAIN), "You cut the memory off"),
    (
        ATTEND,
        attending(PLAIN, "weights = np.exp(scores) / np.exp(scores).sum(); weights[length:] = 0"),
        "left out before the softmax",
    ),
    (ATTEND, attending("scores = 2 * memory @ query"), "not those of a softmax"),
    (ATTEND, attending(returned="weights @ memory"), "two arrays"),
    (ATTEND, attending(returned="weights, weights @ memory"), "have the shapes"),
    (ATTEND, "attend = 3", "`attend` must be a function"),
    (BIAS, HALF + "f", "That is the gate itself"),
    (BIAS, HALF + "log(f)", "logarithm of the gate"),
    (BIAS, HALF + "log((1 - f) / f)", "wrong sign"),
    (BIAS, HALF + "0.0", "half is gone after one step"),
    (BIAS, HALF + "log(999)", "1/e"),
    (BIAS, HALF + "log(1999)", "The shares multiply"),
    (BIAS, "bias = 5.0", "closer to 1"),
    (BIAS, "bias = 9.0", "must be lower"),
    (BIAS, "bias = [1.0]", "one number"),
    (BIAS, "x = 1", "There is no `bias`"),
    (BIAS, "bias = 1 / 0", "ends with an error"),
    (RUN, loop(step="state = cell(x_t)"), "empty memory"),
    (RUN, loop(kept="state[1]"), "You keep c"),
    (RUN, loop(kept="state"), "h alone"),
    (RUN, loop(returned="outputs[::-1], state"), "backwards in time"),
    (RUN, loop(returned="outputs"), "two things"),
    (RUN, loop(returned="outputs, state[0]"), "the pair (h, c)"),
    (RUN, loop(returned="outputs[-1:], state"), "there must be 5 hidden states"),
    (RUN, loop(step="state = cell(2 * x_t, state)"), "from the first step on"),
    (RUN, "run = 3", "must be a function"),
    (RUN, "def run(cell):\n    return 1, 2", "TypeError"),
    (DELAYS, layer("w_x[:] = 1"), "More than one unit reads the input"),
    (DELAYS, layer("w_x[0] = 1"), "read nothing yet"),
    (DELAYS, layer("w_x[0] = 1", "w_h[:] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]"), "reads itself"),
    (DELAYS, layer("w_x[0] = 1", "w_h[0, 1] = w_h[1, 2] = 1"), "Rows and columns are swapped"),
    (DELAYS, layer("w_x[0] = 1", "w_h[1, 0] = w_h[2, 0] = 1"), "What should unit 2 read"),
    (DELAYS, layer(), "No unit notices the input"),
    (DELAYS, "layer = 3", "must be a plain layer"),
    (AHEAD, ahead(old="0.0"), "Only the last use"),
    (AHEAD, ahead(now="0.0"), "Nothing ever enters"),
    (AHEAD, ahead(slope="1.0"), "The tanh is missing"),
    (AHEAD, ahead(now="np.eye(H)[:, :, None] * new"), "You multiply by the new h"),
    (AHEAD, ahead(slope="new"), "the direct part plus W_hh"),
    (AHEAD, ahead() + "d_W = d_W[0]\n", "one number per weight"),
    (AHEAD, ahead() + "layer = 3\n", "without biases"),
    (BACK, back(arrives="output[t]"), "not from the step after it"),
    (BACK, back(arrives="output[t] if t == 5 else d_h"), "say nothing yet"),
    (BACK, back(slope=""), "as if it were not there"),
    (BACK, back(d_h="d_a @ W_hh.T"), "the forward product"),
    (BACK, back().replace("reversed(range(6))", "range(6)"), "from the first step to the last"),
    (BACK, back(d_x="0.0"), "What does the input get"),
    (BACK, back() + "d_h = output[0]\n", "must belong to the first state"),
    (BACK, back(slope=" * output[t]"), "Three lines per step"),
    (BACK, back() + "d_h = d_h[0]\n", "must have the shape"),
    (BACK, back() + "output = 0.0 * output\n", "must stay what the layer returned"),
    (BACK, back() + "layer = 3\n", "must stay the plain layer"),
    (TIMER, timer(f=110, o=-110), "still ticks every six steps"),
    (TIMER, timer(f=110), "clears the state before"),
    (TIMER, timer(o=-110), "several steps in a row"),
    (TIMER, timer(f=210, o=-210), "between 0.9 and 1.0"),
    (TIMER, timer(f=150, o=-150), "at step 8"),
    (TIMER, timer(f=1000), "never starts again"),
    (TIMER, timer(f=1000, o=-1000), "Neither gate"),
    (TIMER, timer(g="atanh(0.01)", peepholes="[0, -2000, 2000]"), "too small to be seen"),
    (CENTRED, centred(h="sigmoid(a)"), "never negative"),
    (CENTRED, centred(h="np.tanh(a)"), "tanh(a / 2)"),
    (CENTRED, centred(slope="(1 - h * h)"), "twice too much"),
    (CENTRED, centred(slope="(1 - h * h) / 4"), "half of what it should be"),
    (CENTRED, centred(slope="h * (1 - h)"), "now h is another number"),
    (CENTRED, "CentredStep = 1", "must be a class"),
    (WINDOWS, windows(state="None"), "begins with an empty memory"),
    (WINDOWS, windows(zero="pass"), "zero them in between"),
    (WINDOWS, windows(d="np.ones_like(output)"), "the gradient of every output"),
    (WINDOWS, windows(d="0 * output"), "call `layer.backward` after each window"),
    (
        WINDOWS,
        EXERCISES[WINDOWS].start.replace(
            "    answers", "    layer.backward(d_answer)\n    answers"
        ),
        "in one piece",
    ),
    (WINDOWS, windows(d="2 * d_answer[window]"), "Which part"),
    (WINDOWS, "answers, gradients = {}, {}", "need an entry"),
    (
        WINDOWS,
        windows().replace("= layer(x[window]", "= layer(2 * x[window]"),
        "that of the whole run",
    ),
    (CLIP, clipping(ALL, "return norm"), "unchanged"),
    (CLIP, clipping(ALL, SHORTEN), "Return its norm"),
    (
        CLIP,
        clipping(
            ALL, SHORTEN.replace("min(1.0, max_norm / norm)", "max_norm / norm"), "return norm"
        ),
        "yours is longer",
    ),
    (CLIP, clipping(ALL.replace("** 0.5", ""), SHORTEN, "return norm"), "root of the sum"),
    (
        CLIP,
        clipping(
            "for grad in layer.grads.values():", "    grad *= max_norm / np.linalg.norm(grad)"
        ),
        "clipped by itself",
    ),
    (
        CLIP,
        clipping("for grad in layer.grads.values(): np.clip(grad, -max_norm, max_norm, out=grad)"),
        "single entries",
    ),
    (CLIP, clipping("for grad in layer.grads.values(): grad += 1"), "not multiplied by one number"),
    (CLIP, "clip = 1", "`clip` must be a function"),
    (TIMER, "layer = 4", "`PeepholeLSTM` with one input"),
    (LEAKY, leaky(carried="0 * d_h"), "Nothing is carried"),
    (LEAKY, leaky(carried="d_h"), "You carry all of d_h"),
    (LEAKY, leaky(carried="d_h * (1 - f)"), "Old and new are exchanged"),
    (LEAKY, leaky(d_f="d_h * h"), "you have followed one use"),
    (LEAKY, leaky(d_f="d_h * (h + n)"), "a second time with a minus"),
    (LEAKY, leaky(d_f="d_h * (n - h)"), "with the wrong sign"),
    (LEAKY, leaky(d_n="d_h * f"), "What is the factor before n"),
    (LEAKY, leaky(d_n="d_h"), "n is multiplied by something"),
    (LEAKY, leaky(d_n="0 * d_h"), "told nothing yet"),
    (LEAKY, leaky(d_f="2 * d_h"), "The slopes differ for"),
    (RECALL, recaller(g=""), "All four units say the same"),
    (RECALL, recaller(f=""), "hold f open"),
    (RECALL, recaller(i=f"{OWN}40", g="b[:] = 2"), "not shut while the distractors pass"),
    (RECALL, recaller(i="b[:] = -7", g=f"{OWN}2"), "No input gate opens"),
    (RECALL, recaller(o="b[:] = -20"), "nobody can see it"),
    (RECALL, recaller(g=f"{OWN}-2"), "nothing to write"),
    (RECALL, recaller(i="for k in range(4): w[3 - k, k] = 40\nb[:] = -20", g="b[:] = 2"), "unit k"),
    (RECALL, "layer = 3", "must be an LSTM(8, 4)"),
    (COUNTER, counter(g=""), "writes nothing"),
    (COUNTER, counter(f="b[:] = 50"), "never starts again"),
    (COUNTER, counter(i="b[:] = 50\nw[:, 6] = -100"), "the E counts"),
    (COUNTER, counter(f="b[:] = 3\nw[:, 6] = -100"), "exactly 1 and lose nothing"),
    (COUNTER, counter(f="b[:] = 50\nw[:, 0] = -100"), "starts again at every B"),
    (COUNTER, counter(g="b[:] = -50"), "At step"),
    (COUNTER, "layer = 3", "must be an LSTM(7, 1)"),
    *mistakes_gru.WRONG,
    *mistakes_improvements.WRONG,
    *mistakes_practice.WRONG,
]


@pytest.mark.parametrize("name", CODING)
def test_the_books_own_solution_is_taken(name):
    solution = (ROOT / "docs/snippets" / f"{name}_numpy.py").read_text(encoding="utf-8")
    result = check(name, solution)
    assert result["solved"], result


@pytest.mark.parametrize("name", CODING)
def test_the_start_runs_and_is_no_solution(name):
    result = check(name, EXERCISES[name].start)
    assert result["error"] is None
    assert result["printed"]
    assert not result["solved"]


@pytest.mark.parametrize("name, code, words", WRONG)
def test_a_typical_mistake_gets_a_hint_of_its_own(name, code, words):
    result = check(name, code)
    assert not result["solved"]
    assert words in result["words"]


def test_no_two_mistakes_get_the_same_hint():
    hints = [check(name, code)["words"] for name, code, _ in WRONG]
    assert len(set(hints)) == len(hints)


@pytest.mark.parametrize("name, code", mistakes_practice.OTHER_WAYS)
def test_other_ways_to_the_same_end_are_solutions(name, code):
    result = check(name, code)
    assert result["solved"], result


@pytest.mark.parametrize("name", PREDICTIONS)
def test_every_prediction_but_the_first_is_explained(name):
    one = EXERCISES[name]
    assert sorted(one.order) == list(range(len(one.choices)))
    assert one.order[0] != 0
    assert len({choice.words for choice in one.choices}) == len(one.choices) >= 3


def test_the_right_prediction_of_the_forget_gate_is_right():
    x = example.sequence()[:, 0, 0]
    twice = example.sequence([*x, *x])
    layer = example.layer()
    first, second = record_gates(layer, twice)["l0"]["h"][[5, 12], 0, 0]
    assert second == pytest.approx(first, abs=0.02)
    weights = layer.state_dict()
    weights["bias_ih_l0"][2] = 50.0
    layer.load_state_dict(weights)
    gates = record_gates(layer, twice)["l0"]
    first, second = gates["h"][[5, 12], 0, 0]
    assert 1.1 * first < second < 1.9 * first
    assert gates["c"][12, 0, 0] == pytest.approx(2 * gates["c"][5, 0, 0], rel=0.05)


def test_the_right_prediction_of_the_memory_cell_is_right():
    layer = example.layer()
    weights = layer.state_dict()
    weights["bias_ih_l0"][0:2], weights["bias_ih_l0"][2:4] = -50.0, 50.0
    _, state = layer(example.sequence()[:2])
    layer.load_state_dict(weights)
    _, (_, c) = layer(example.sequence([0.3] * 1000), state)
    np.testing.assert_allclose(c, state[1], rtol=1e-12)


def test_the_right_prediction_of_when_not_is_right():
    recorded = (ROOT / "docs/snippets/practice/when-not/exercise_1.out").read_text("utf-8")
    for steps, table in ((100, 10000), (200, 40000)):
        assert f"{steps} steps, attention: numbers = {table}\n" in recorded
        assert f"carried = ({steps}, 4)\n" in recorded


def test_a_timer_that_counts_more_slowly_is_a_solution_too():
    assert check(TIMER, timer(f=114, g="atanh(0.06)", o=-114))["solved"]


def test_the_right_prediction_of_the_variants_is_right():
    recorded = (ROOT / "docs/snippets/lstm/variants/exercise_1.out").read_text(encoding="utf-8")
    assert "marks: 3, c plain and coupled = (2.8535, 0.9640)" in recorded


def test_the_right_prediction_of_the_why_memory_is_right():
    layer = RNN(1, 1, bias=False, rng=0, dtype="float64")
    ones = {"weight_ih_l0": np.ones((1, 1)), "weight_hh_l0": np.full((1, 1), 2.0)}
    layer.load_state_dict(ones)
    output, _ = layer(example.sequence([1.0] + [0.0] * 50))
    assert output[-1, 0, 0] == pytest.approx(0.9575, abs=1e-4)
    assert np.tanh(2 * output[-1, 0, 0]) == pytest.approx(output[-1, 0, 0])


def test_the_right_predictions_of_the_gru_are_right():
    x = example.sequence([0.2, 1.0, -0.2, 1.0, -0.1, -1.0, 0.1])
    h = record_gates(example.gru_layer(), x)["l0"]["h"][:, 0, 0]
    c = record_gates(example.layer(), x)["l0"]["c"][:, 0, 0]
    assert h[3] == pytest.approx(0.96, abs=0.005)
    assert c[3] == pytest.approx(2 * c[1], rel=0.05)

    gru, rnn = GRU(2, 3, rng=0, dtype="float64"), RNN(2, 3, rng=0, dtype="float64")
    weights = gru.state_dict()
    weights["bias_ih_l0"][0:3], weights["bias_ih_l0"][3:6] = 50.0, -50.0
    gru.load_state_dict(weights)
    rnn.load_state_dict({name: value[6:9] for name, value in weights.items()})
    inputs = np.random.default_rng(0).standard_normal((5, 2, 2))
    np.testing.assert_allclose(gru(inputs)[0], rnn(inputs)[0], atol=1e-12)

    said = {}
    for unit in (None, 0, 1):
        layer = GRU(1, 2, reset_after=False, rng=0, dtype="float64")
        weights = example.gru_layer().state_dict()
        if unit is not None:
            weights["bias_ih_l0"][unit] = 50.0
        layer.load_state_dict(weights)
        said[unit] = layer(example.sequence())[0][:, 0, 1]
    np.testing.assert_allclose(said[1], said[None])
    assert said[0][3] > said[None][3] + 0.1
