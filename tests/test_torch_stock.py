"""Drop-in: without an option our layers and cells are torch.nn's, to the last bit."""

import copy
import io
import pickle

import pytest
import torch
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

import rnn_book.torch as half
from tests.grids import parts

LAYERS = ["LSTM", "GRU", "RNN"]
CELLS = ["LSTMCell", "GRUCell", "RNNCell"]
HALVES = [torch.float16, torch.bfloat16]
ARGUMENTS = [
    {},
    {"num_layers": 2},
    {"num_layers": 2, "bidirectional": True},
    {"bias": False, "batch_first": True},
    {"num_layers": 3, "bidirectional": True, "bias": False, "batch_first": True},
]


def both(name, *arguments, **options):
    """One layer or cell of ours and torch.nn's, with the same weights."""
    torch.manual_seed(0)
    stock = getattr(torch.nn, name)(*arguments, **options)
    ours = getattr(half, name)(*arguments, **options)
    ours.load_state_dict(stock.state_dict(), strict=True)
    return ours, stock


def noise(*shape, dtype=torch.float32):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(*shape, generator=generator).to(dtype).requires_grad_()


def states(layer, *shape, dtype=torch.float32):
    found = tuple(noise(*shape, dtype=dtype) for _ in layer.cell.states)
    return found if len(found) > 1 else found[0]


def same(ours, stock, *arguments):
    """Call both, and compare answers and gradients bitwise."""
    found = []
    for module in (ours, stock):
        module.zero_grad()
        answers = module(*arguments)
        answers = answers if isinstance(answers, tuple) else (answers,)
        flat = [t for a in answers for t in parts(a) if isinstance(t, torch.Tensor)]
        flat = [a for a in flat if a.requires_grad]
        torch.autograd.backward([a.square().sum() for a in flat])
        found.append((flat, [p.grad for p in module.parameters()]))
    for one, two in zip(found[0], found[1], strict=True):
        assert len(one) == len(two)
        assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
@pytest.mark.parametrize("steps, batch", [(1, 1), (5, 2), (4, 0)])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, *HALVES])
def test_a_plain_layer_equals_torchs_bitwise(name, arguments, steps, batch, dtype):
    ours, stock = both(name, 3, 4, dtype=dtype, **arguments)
    assert isinstance(ours, getattr(torch.nn, name))
    shape = (batch, steps, 3) if ours.batch_first else (steps, batch, 3)
    x = noise(*shape, dtype=dtype)
    hx = states(ours, ours.num_layers * ours.directions, batch, 4, dtype=dtype)
    same(ours, stock, x)
    same(ours, stock, x, hx)
    same(ours.eval(), stock.eval(), x, hx)


@pytest.mark.parametrize("name", LAYERS)
def test_one_sequence_without_a_batch_and_a_packed_one_equal_torchs_bitwise(name):
    ours, stock = both(name, 3, 4, 2, bidirectional=True)
    same(ours, stock, noise(5, 3), states(ours, 4, 4))
    packed = pack_padded_sequence(noise(5, 3, 3), [2, 5, 3], enforce_sorted=False)
    one, two = ours(packed, states(ours, 4, 3, 4)), stock(packed, states(ours, 4, 3, 4))
    assert isinstance(one[0], PackedSequence)
    assert torch.equal(one[0].data, two[0].data)
    for a, b in zip(parts(one[1]), parts(two[1]), strict=True):
        assert torch.equal(a, b)


@pytest.mark.parametrize("name", LAYERS)
def test_dropout_without_rng_or_option_is_torchs_own(name):
    ours, stock = both(name, 3, 4, 3, dropout=0.5)
    answers = []
    for layer in (ours, stock):
        torch.manual_seed(3)
        answers.append(layer(noise(5, 2, 3))[0])
    assert torch.equal(*answers)
    same(ours.eval(), stock.eval(), noise(5, 2, 3))


@pytest.mark.parametrize("name", LAYERS)
def test_an_rng_alone_changes_the_weights_and_nothing_else(name):
    ours = getattr(half, name)(3, 4, 2, rng=0)
    stock = getattr(torch.nn, name)(3, 4, 2)
    stock.load_state_dict(ours.state_dict(), strict=True)
    same(ours, stock, noise(5, 2, 3))


@pytest.mark.parametrize("name", LAYERS)
def test_autocast_is_that_of_torch(name):
    ours, stock = both(name, 3, 4)
    x = noise(5, 2, 3).detach().bfloat16()
    with torch.autocast("cpu", torch.bfloat16):
        one, two = ours(x)[0], stock(x)[0]
    assert one.dtype == two.dtype
    assert torch.equal(one, two)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("options", [{}, {"recurrent_dropout": 0.3}, {"zoneout": 0.3}], ids=str)
@pytest.mark.parametrize("lengths", [None, [5, 0]], ids=["whole", "lengths"])
@pytest.mark.parametrize("dtype", HALVES)
def test_options_and_lengths_work_in_half_precision_and_under_autocast(
    name, options, lengths, dtype
):
    exact = getattr(half, name)(3, 4, rng=0, dtype=torch.float64, **options)
    low = getattr(half, name)(3, 4, rng=0, dtype=dtype, **options)
    mixed = getattr(half, name)(3, 4, rng=0, **options)
    x = noise(5, 2, 3, dtype=dtype).detach()
    expected, _ = exact(x.double(), lengths=lengths)
    output, _ = low(x, lengths=lengths)
    assert output.dtype == dtype
    with torch.autocast("cpu", dtype):
        cast, _ = mixed(x, lengths=lengths)
    for found, layer in ((output, low), (cast, mixed)):
        torch.testing.assert_close(found.double(), expected, rtol=0, atol=0.05)
        found.float().square().sum().backward()
        assert all(torch.isfinite(p.grad).all() for p in layer.parameters())


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("arguments", ARGUMENTS, ids=str)
def test_the_state_dict_goes_both_ways_strictly(name, arguments):
    options = {"recurrent_dropout": 0.3, "zoneout": 0.1, "weight_drop": 0.2, "rng": 0}
    ours = getattr(half, name)(3, 4, **arguments, **options)
    stock = getattr(torch.nn, name)(3, 4, **arguments)
    assert list(ours.state_dict()) == list(stock.state_dict())
    stock.load_state_dict(ours.state_dict(), strict=True)
    ours.load_state_dict(stock.state_dict(), strict=True)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("options", [{}, {"recurrent_dropout": 0.3, "rng": 0}], ids=str)
def test_a_layer_can_be_copied_pickled_saved_and_moved(name, options):
    layer = getattr(half, name)(3, 4, 2, **options)
    file = io.BytesIO()
    torch.save(layer, file)
    file.seek(0)
    moved = copy.deepcopy(layer).double().float().to("cpu")
    others = [moved, pickle.loads(pickle.dumps(layer)), torch.load(file, weights_only=False)]
    expected = layer(noise(4, 2, 3))[0]
    for other in others:
        assert torch.equal(other(noise(4, 2, 3))[0], expected)


@pytest.mark.parametrize("options", [{}, {"recurrent_dropout": 0.3}, {"weight_drop": 0.3}])
def test_weights_can_be_replaced_for_one_call(options):
    layer = half.LSTM(3, 4, rng=0, **options).eval()
    x = noise(4, 2, 3)
    weights = {name: value * 2 for name, value in layer.state_dict().items()}
    replaced = torch.func.functional_call(layer, weights, (x,))[0]
    kept = layer(x)[0]
    layer.load_state_dict(weights)
    assert torch.equal(replaced, layer(x)[0])
    assert not torch.equal(replaced, kept)


def test_a_layer_can_be_built_on_the_meta_device():
    layer = half.LSTM(3, 4, rng=0, zoneout=0.2, device="meta")
    assert layer.weight_hh_l0.is_meta
    assert half.Recurrent(layer.cell, 3, 4, device="meta").weight_hh_l0.is_meta


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, *HALVES])
@pytest.mark.parametrize("bias", [True, False])
def test_a_cell_equals_torchs_bitwise(name, dtype, bias):
    ours, stock = both(name, 3, 4, bias, dtype=dtype)
    assert isinstance(ours, getattr(torch.nn, name))
    for shape in ((2, 3), (3,), (0, 3)):
        x, hx = noise(*shape, dtype=dtype), states(ours, *shape[:-1], 4, dtype=dtype)
        for one, two in zip(parts(ours(x, hx)), parts(stock(x, hx)), strict=True):
            assert torch.equal(one, two)
        for one, two in zip(parts(ours(x)), parts(stock(x)), strict=True):
            assert torch.equal(one, two)


@pytest.mark.parametrize("name", CELLS)
def test_a_cell_without_an_rng_draws_torchs_weights(name):
    torch.manual_seed(2)
    ours = getattr(half, name)(3, 4)
    torch.manual_seed(2)
    stock = getattr(torch.nn, name)(3, 4)
    for key, value in stock.state_dict().items():
        assert torch.equal(ours.state_dict()[key], value)
