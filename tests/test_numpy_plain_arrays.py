"""What NumPy would read otherwise than it is meant is refused, and all else is read as meant."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

import rnn_book.numpy as half
from rnn_book import datasets, gradient_by_lag, record_gates
from rnn_book.numpy import LSTM, SGD, Adam, Embedding, LayerNorm, Linear, LSTMCell, clip_grad_norm
from tests.grids import KINDS, build, data, parts, upstream


def masked(array):
    return np.ma.array(array, mask=np.arange(np.size(array)).reshape(np.shape(array)) % 2 == 0)


def returned(module, *arguments):
    module(*arguments)
    return module


X = np.ones((2, 3), np.float32)
Y = np.ones((2, 2))
SEQUENCE = np.ones((4, 2, 3), np.float32)
CALLS = {
    "layer": lambda: LSTM(3, 4)(masked(SEQUENCE)),
    "layer_in_a_list": lambda: LSTM(3, 4)(list(masked(SEQUENCE))),
    "hx": lambda: LSTM(3, 4)(
        SEQUENCE, (np.zeros((1, 2, 4), "f"), masked(np.zeros((1, 2, 4), "f")))
    ),
    "lengths": lambda: LSTM(3, 4)(SEQUENCE, lengths=masked([4, 2])),
    "d_output": lambda: returned(LSTM(3, 4), SEQUENCE).backward(masked(np.ones((4, 2, 4), "f"))),
    "d_state": lambda: returned(half.GRU(3, 4), SEQUENCE).backward(
        None, masked(np.ones((1, 2, 4), "f"))
    ),
    "cell": lambda: LSTMCell(3, 4)(masked(X)),
    "cell_state": lambda: half.GRUCell(3, 4)(X, masked(np.zeros((2, 4), "f"))),
    "cell_gradient": lambda: returned(half.GRUCell(3, 4), X).backward(masked(np.ones((2, 4), "f"))),
    "linear": lambda: Linear(3, 4)(masked(X)),
    "linear_gradient": lambda: returned(Linear(3, 4), X).backward(masked(np.ones((2, 4), "f"))),
    "embedding": lambda: Embedding(3, 4)(masked([0, 1])),
    "embedding_gradient": lambda: returned(Embedding(3, 4), [0]).backward(
        masked(np.ones((1, 4), "f"))
    ),
    "layer_norm": lambda: LayerNorm(3)(masked(X)),
    "dropout": lambda: half.Dropout()(masked(X)),
    "locked_dropout": lambda: half.LockedDropout()(masked(SEQUENCE)),
    "weights": lambda: Linear(3, 1).load_state_dict({"weight": masked(X[:1]), "bias": [0.0]}),
    "logits": lambda: half.cross_entropy(masked(Y), [0, 1]),
    "targets": lambda: half.cross_entropy(Y, masked([0, 1])),
    "mask": lambda: half.cross_entropy(Y, [0, 1], mask=masked([True, True])),
    "logits_gradient": lambda: half.cross_entropy_gradient(masked(Y), [0, 1]),
    "prediction": lambda: half.mean_squared_error(masked(Y), Y),
    "target": lambda: half.mean_squared_error(Y, masked(Y)),
    "target_gradient": lambda: half.mean_squared_error_gradient(Y, masked(Y)),
    "gates": lambda: record_gates(LSTM(3, 4), masked(SEQUENCE)),
    "lags": lambda: gradient_by_lag(LSTM(3, 4), masked(SEQUENCE)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_masked_array_is_refused_with_a_way_out(name):
    with pytest.raises(TypeError, match=r"must be a plain array, got a masked one.*filled"):
        CALLS[name]()


class Odd(np.ndarray):
    """A subclass whose products are its own."""

    def __matmul__(self, other):
        raise NotImplementedError

    __rmatmul__ = __mul__ = __rmul__ = __matmul__


@pytest.mark.parametrize("kind", KINDS)
def test_a_subclass_of_an_array_is_read_as_the_array_that_it_is(kind):
    layer = build(kind, bidirectional=True)
    x, hx = data(layer)
    output, state = layer(x, hx)
    d_output, d_state = upstream(output, state)
    expected = [output, *parts(state), layer.backward(d_output, d_state)[0]]
    found, end = layer(x.view(Odd), hx)
    d_x, _ = layer.backward(d_output.view(Odd), d_state)
    for a, b in zip([found, *parts(end), d_x], expected, strict=True):
        assert type(a) is np.ndarray
        assert_array_equal(a, b)


@pytest.mark.filterwarnings("ignore:the matrix subclass:PendingDeprecationWarning")
def test_a_matrix_is_one_sequence():
    layer = LSTM(3, 4, rng=0)
    expected, _ = layer(np.ones((5, 3), np.float32))
    found, _ = layer(np.asmatrix(np.ones((5, 3), np.float32)))
    assert_array_equal(found, expected)
    assert found.shape == (5, 4)


BAD = {
    "objects": np.ones((4, 2, 3), object),
    "booleans": np.ones((4, 2, 3), bool),
    "integers": np.ones((4, 2, 3), int),
    "complex": np.ones((4, 2, 3), complex),
    "text": np.full((4, 2, 3), "1"),
    "other_byte_order": np.ones((4, 2, 3), np.dtype(np.float32).newbyteorder()),
}


@pytest.mark.parametrize("name", BAD)
def test_input_of_another_kind_of_number_is_refused(name):
    for module in (LSTM(3, 4), Linear(3, 4), LayerNorm(3), half.Dropout()):
        with pytest.raises((TypeError, ValueError, RuntimeError), match="dtype"):
            module(BAD[name])


@pytest.mark.parametrize("lengths", [[4.0, np.nan], [True, False], ["4", "2"], [None, 2]])
def test_lengths_that_are_no_integers_are_refused(lengths):
    with pytest.raises(ValueError, match="lengths must be integers"):
        LSTM(3, 4)(SEQUENCE, lengths=lengths)


def test_weights_and_symbols_of_another_byte_order_are_read_as_their_numbers():
    linear, swapped = Linear(3, 2, rng=0), Linear(3, 2, rng=1)
    state = {n: a.astype(a.dtype.newbyteorder()) for n, a in linear.state_dict().items()}
    swapped.load_state_dict(state)
    assert_array_equal(swapped(X), linear(X))
    embedding = Embedding(300, 2, rng=0)
    symbols = np.array([1, 256])
    assert_array_equal(embedding(symbols.astype(">i8")), embedding(symbols))


# --- a module twice, or none ----------------------------------------------------------------------

TAKERS = {"sgd": SGD, "adam": Adam, "clip_grad_norm": lambda modules: clip_grad_norm(modules, 1.0)}


@pytest.mark.parametrize("take", TAKERS.values(), ids=TAKERS)
def test_a_module_twice_or_no_module_is_refused(take):
    linear, other = Linear(3, 2, rng=0), Linear(3, 2, rng=0)
    take([linear, other])
    for modules in ([linear, linear], [linear, other, linear]):
        with pytest.raises(ValueError, match="modules must hold each module once"):
            take(modules)
    used = iter([linear])
    list(used)
    for modules in ([], (), used):
        with pytest.raises(ValueError, match="modules must hold at least one module"):
            take(modules)


@pytest.mark.parametrize("optimiser", [SGD, Adam])
def test_parameters_that_two_modules_share_or_none_at_all_are_refused(optimiser):
    embedding, linear = Embedding(4, 4, rng=0), Linear(4, 4, rng=0)
    linear.parameters["weight"] = embedding.parameters["weight"]
    with pytest.raises(ValueError, match=r"share parameters.*Embedding\.weight and Linear\.weight"):
        optimiser([embedding, linear])
    linear.parameters["weight"] = embedding.parameters["weight"][:, ::-1]
    with pytest.raises(ValueError, match="share parameters"):
        optimiser([embedding, linear])
    with pytest.raises(ValueError, match="parameters to optimise"):
        optimiser(half.Dropout())


@pytest.mark.parametrize("value", [True, "0.1", None, np.nan, -0.1, np.ones(2)])
def test_a_learning_rate_is_a_number_from_0_on(value):
    for optimiser in (SGD, Adam):
        with pytest.raises(ValueError, match="lr must lie in"):
            optimiser(Linear(3, 2), value)


# --- text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["a\udc80b", "\ud83d", "\U0001f600\udfff", "\x00\uffff"])
def test_a_vocabulary_encodes_the_text_that_it_was_made_from(text):
    vocabulary = datasets.Vocabulary(text)
    numbers = vocabulary.encode(text)
    assert len(numbers) == len(text)
    assert (numbers > 0).all()
    assert vocabulary.decode(numbers) == text
    batch, lengths = vocabulary.encode_batch([text, ""])
    assert_array_equal(batch[: lengths[0], 0], numbers)
    assert (vocabulary.encode("z\ud801") == 0).all()
