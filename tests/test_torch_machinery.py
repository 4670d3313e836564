"""PyTorch's own machinery around our layers: it works as around torch.nn's, or says what to do."""

import copy
import io
import json
import multiprocessing
import warnings

import numpy as np
import pytest
import torch
from torch.func import functional_call, grad, jacrev, jvp, stack_module_state, vmap
from torch.nn.utils import parametrizations, prune
from torch.utils.checkpoint import checkpoint, checkpoint_sequential

import rnn_book.torch as half
from tests.grids import KINDS, REGULARISERS, cases, parts
from tests.torch_twins import initial

SOME = ["lstm", "gru", "rnn_relu", "peephole_lstm", "layer_norm_gru"]
TABLE = {"plain": {}, **REGULARISERS}


def noise(*shape, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(0), dtype=dtype)


def slopes(layer, x, call):
    """Output, and gradients of input and parameters."""
    x = x.clone().requires_grad_()
    output = call(x)
    output.square().sum().backward()
    return [output.detach(), x.grad, *(p.grad for p in layer.parameters())]


def all_equal(one, two):
    for a, b in zip(one, two, strict=True):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-12)


# Checkpoints


@pytest.mark.parametrize("reentrant", [True, False], ids=["reentrant", "hooks"])
@pytest.mark.parametrize("rng", [0, None], ids=["seed", "torch"])
@pytest.mark.parametrize("kind, name", cases(SOME, TABLE))
def test_a_checkpoint_changes_no_gradient_and_no_mask(kind, name, rng, reentrant):
    found = []
    for inside in (False, True):
        torch.manual_seed(1)
        layer = initial(kind, num_layers=2, rng=rng, **TABLE[name])

        def call(x, layer=layer, inside=inside):
            if not inside:
                return layer(x)[0] * layer(2 * x)[0]
            one, two = (
                checkpoint(lambda v: layer(v)[0], k * x, use_reentrant=reentrant) for k in (1, 2)
            )
            return one * two

        found.append(slopes(layer, noise(4, 2, 3), call))
        found[-1] += parts(layer(noise(4, 2, 3))[1])  # the next masks are the next ones
    all_equal(*found)


@pytest.mark.parametrize("reentrant", [True, False], ids=["reentrant", "hooks"])
@pytest.mark.parametrize("build", [half.Dropout, half.LockedDropout])
@pytest.mark.parametrize("rng", [0, None], ids=["seed", "torch"])
def test_the_mask_of_dropout_is_the_gradient_under_a_checkpoint(build, rng, reentrant):
    dropout, x = build(0.5, rng=rng), noise(4, 2, 3).requires_grad_()
    masks, outputs = [], []
    for _ in range(2):  # the same input twice: two masks
        outputs.append(checkpoint(dropout, x, use_reentrant=reentrant))
        masks.append((outputs[-1] / x).detach())
    assert not torch.equal(*masks)
    for output, mask in reversed(list(zip(outputs, masks, strict=True))):
        (slope,) = torch.autograd.grad(output.sum(), x) if not reentrant else (None,)
        if slope is None:
            x.grad = None
            output.sum().backward()
            slope = x.grad
        torch.testing.assert_close(slope, mask)


@pytest.mark.parametrize("reentrant", [True, False], ids=["reentrant", "hooks"])
def test_nested_and_sequential_checkpoints_and_layers_built_inside(reentrant):
    def model():
        return torch.nn.Sequential(
            half.LockedDropout(0.4, rng=1), torch.nn.Tanh(), half.Dropout(0.4, rng=2)
        )

    def fresh(x):
        return half.LSTM(3, 4, zoneout=0.3, rng=3, dtype="float64")(x)[0]

    x, plain = noise(4, 2, 3), model()
    expected = slopes(plain, x, lambda v: fresh(plain(v)))
    for inside in (
        lambda m, v: fresh(checkpoint_sequential(m, 2, v, use_reentrant=reentrant)),
        lambda m, v: checkpoint(lambda w: fresh(m(w)), v, use_reentrant=reentrant),
        lambda m, v: checkpoint(
            lambda w: fresh(checkpoint(m, w, use_reentrant=False)), v, use_reentrant=reentrant
        ),
    ):
        other = model()
        all_equal(slopes(other, x, lambda v, m=other, inside=inside: inside(m, v)), expected)


def test_a_checkpoint_that_cannot_give_the_same_masks_again_says_so():
    layer, x = half.GRU(3, 4, zoneout=0.3, rng=0), noise(4, 2, 3, dtype=torch.float32)
    x.requires_grad_()
    torch.manual_seed(0)
    output = checkpoint(
        lambda v: layer(v)[0], x, use_reentrant=False, preserve_rng_state=False
    ).sum()
    with pytest.raises(RuntimeError, match="preserve_rng_state=True"):
        output.backward()
    losses = []
    for _ in range(2):
        torch.manual_seed(7)
        losses.append(checkpoint(lambda v: layer(v)[0], x, use_reentrant=False).sum())
    with pytest.raises(RuntimeError, match="must not be seeded anew"):
        losses[0].backward()

    class Mine(torch.autograd.Function):  # a checkpoint of someone else's
        @staticmethod
        def forward(ctx, v):
            return layer(v)[0]

        @staticmethod
        def backward(ctx, d):
            with torch.enable_grad():
                v = x.detach().requires_grad_()
                return torch.autograd.grad(layer(v)[0], v, d)[0]

    with pytest.raises(RuntimeError, match="rng=None"):
        Mine.apply(x).sum().backward()


def test_seeding_torch_before_every_update_is_no_trouble():
    layer, x = half.GRU(3, 4, zoneout=0.3, rng=0), noise(4, 2, 3, dtype=torch.float32)
    for _ in range(3):
        torch.manual_seed(3)
        checkpoint(lambda v: layer(v)[0], x.requires_grad_(), use_reentrant=False).sum().backward()


# Transforms


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [{}, {"zoneout": 0.3}, {"weight_drop": 0.3}], ids=str)
@pytest.mark.parametrize("fast", [True, False], ids=["fast", "readable"])
def test_stacked_layers_are_vectorised(kind, options, fast):
    layers = [initial(kind, rng=seed, **options).eval() for seed in range(3)]
    x = noise(3, 4, 2, 3)
    expected = torch.stack([layer(v)[0] for layer, v in zip(layers, x, strict=True)])
    weights, buffers = stack_module_state(layers)
    base = copy.deepcopy(layers[0]).to("meta")
    base.fast = fast

    def call(p, b, v):
        return functional_call(base, (p, b), (v,))[0]

    torch.testing.assert_close(vmap(call)(weights, buffers, x), expected, rtol=0, atol=1e-12)

    def loss(p, b, v):
        return call(p, b, v).square().sum()

    each = vmap(grad(loss))(weights, buffers, x)
    expected.square().sum().backward()
    for name, value in each.items():
        wanted = torch.stack([dict(m.named_parameters())[name].grad for m in layers])
        torch.testing.assert_close(value, wanted, rtol=0, atol=1e-12)


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # torch's own use
@pytest.mark.parametrize("kind", SOME)
@pytest.mark.parametrize("options", [{}, {"zoneout": 0.3}], ids=str)
def test_jacobians_and_directional_derivatives_agree_with_autograd(kind, options):
    layer, x = initial(kind, **options).eval(), noise(3, 2, 3)
    expected = torch.autograd.functional.jacobian(lambda v: layer(v)[0], x)
    torch.testing.assert_close(jacrev(lambda v: layer(v)[0])(x), expected)
    _, along = jvp(lambda v: layer(v)[0], (x,), (torch.ones_like(x),))
    torch.testing.assert_close(along, expected.sum((-1, -2, -3)))


@pytest.mark.filterwarnings("ignore:.*torch.jit.script.*:DeprecationWarning")  # torch's own use
def test_forward_mode_outside_of_torch_func_names_the_switch():
    layer, x = half.GRU(3, 4, zoneout=0.3), noise(3, 2, 3, dtype=torch.float32)
    with torch.autograd.forward_ad.dual_level():
        dual = torch.autograd.forward_ad.make_dual(x, x)
        with pytest.raises(RuntimeError, match=r"layer\.fast = False"):
            layer(dual)
        layer.fast = False
        assert torch.autograd.forward_ad.unpack_dual(layer(dual)[0]).tangent is not None


# Export, tracing, compiling


@pytest.mark.filterwarnings("ignore:The tensor attributes self._flat_weights")  # as torch.nn's
@pytest.mark.parametrize(
    "kind, options, strict",
    [
        ("lstm", {"recurrent_dropout": 0.3, "num_layers": 2}, False),
        ("gru", {"zoneout": 0.3}, False),
        ("rnn_relu", {"zoneout": 0.3}, True),
        ("peephole_lstm", {}, True),
        ("layer_norm_gru", {"zoneout": 0.3}, False),
    ],
)
def test_a_layer_in_evaluation_is_exported(kind, options, strict):
    layer, x = initial(kind, **options).eval(), noise(3, 2, 3)
    program = torch.export.export(layer, (x,), strict=strict)
    all_equal(parts(program.module()(2 * x)[1]), parts(layer(2 * x)[1]))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", SOME)
def test_a_layer_in_evaluation_is_traced(kind):
    for options in ({}, {"zoneout": 0.3}):
        layer, x = initial(kind, **options).eval(), noise(3, 2, 3)
        traced = torch.jit.trace(layer, (x,))
        all_equal(parts(traced(2 * x)[1]), parts(layer(2 * x)[1]))


@pytest.mark.filterwarnings("ignore::torch.jit.TracerWarning", "ignore::DeprecationWarning")
@pytest.mark.parametrize("kind", ["lstm", "peephole_lstm"])
def test_masks_are_not_frozen_into_a_traced_layer(kind):
    layer, x = initial(kind, recurrent_dropout=0.3), noise(4, 2, 3)
    for act in (lambda: torch.jit.trace(layer, (x,)), lambda: torch.export.export(layer, (x,))):
        with pytest.raises(RuntimeError, match=r"call eval\(\) first"):
            act()
    with pytest.raises(NotImplementedError, match=r"torch\.export"):
        torch.jit.script(layer)


@pytest.mark.filterwarnings("ignore")  # the compiler's own
@pytest.mark.parametrize(
    "kind, full, options",
    [
        ("gru", False, {"recurrent_dropout": 0.3, "rng": 0}),
        ("coupled_lstm", True, {"zoneout": 0.3}),
    ],
)
def test_a_compiled_layer_gives_what_it_gave(kind, full, options):
    for training in (True, False):
        torch._dynamo.reset()
        layer = initial(kind, **{"rng": None, **options}).train(training)
        found = []
        for one in (copy.deepcopy(layer), layer):
            call = torch.compile(one, backend="eager", fullgraph=full) if one is layer else one
            torch.manual_seed(2)
            found.append(slopes(one, noise(4, 2, 3), lambda x, call=call: call(x)[0]))
        all_equal(*found)


# Devices, copies, wrappers


@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_emptied_or_built_without_memory_gets_the_weights_of_its_seed_back(kind):
    expected = initial(kind, num_layers=2).state_dict()
    emptied = initial(kind, num_layers=2).to_empty(device="cpu")
    with torch.device("meta"):
        light = initial(kind, num_layers=2)
    for layer in (emptied, light.to_empty(device="cpu")):
        layer.reset_parameters()
        for name, value in layer.state_dict().items():
            assert torch.equal(value, expected[name])


@pytest.mark.parametrize("build", [half.Linear, half.Embedding])
def test_so_do_other_modules(build):
    module = build(3, 4, rng=0)
    expected = copy.deepcopy(module.state_dict())
    module.to_empty(device="cpu").reset_parameters()
    assert all(torch.equal(v, expected[k]) for k, v in module.state_dict().items())


@pytest.mark.parametrize("kind", KINDS)
def test_what_code_for_torch_nn_calls_is_there(kind):
    layer = initial(kind, num_layers=2, bidirectional=True)
    layer.flatten_parameters()
    assert [len(part) for part in layer.all_weights] == [len(list(layer.parameters())) // 4] * 4
    flat = [p for part in layer.all_weights for p in part]
    assert all(one is two for one, two in zip(flat, layer.parameters(), strict=True))


@pytest.mark.parametrize("kind", SOME)
def test_a_model_goes_on_with_the_masks_where_it_stood(kind):
    def build():
        layer = initial(kind, num_layers=2, dropout=0.3, recurrent_dropout=0.3)
        return torch.nn.ModuleDict({"drop": half.LockedDropout(0.3, rng=4), "layer": layer})

    def run(model):
        return model["layer"](model["drop"](noise(4, 2, 3)))[0]

    model = build()
    run(model)
    file = io.BytesIO()
    torch.save({"weights": model.state_dict(), "masks": half.mask_state(model)}, file)
    file.seek(0)
    saved, other = torch.load(file), build()
    assert json.loads(json.dumps(saved["masks"])) == saved["masks"]
    other.load_state_dict(saved["weights"], strict=True)
    half.load_mask_state(other, saved["masks"])
    for _ in range(2):
        assert torch.equal(run(other), run(model))
    with pytest.raises(KeyError, match="must have the keys"):
        half.load_mask_state(model, {})
    assert half.mask_state(half.LSTM(3, 4)) == {}


@pytest.mark.parametrize("kind", ["lstm", "layer_norm_lstm"])
@pytest.mark.parametrize("name", ["plain", "zoneout", "weight_drop"])
def test_replicas_and_wrappers_give_what_the_layer_gives(kind, name):
    layer = initial(kind, **TABLE[name])
    replica = copy.copy(layer)._replicate_for_data_parallel()
    for key, parameter in layer.named_parameters():  # as DataParallel does: plain tensors
        setattr(replica, key, parameter * 1)
    wrapped = [
        replica,
        torch.nn.DataParallel(copy.deepcopy(layer)),
        torch.optim.swa_utils.AveragedModel(layer),
        copy.deepcopy(layer).share_memory(),
    ]
    state = half.mask_state(layer)
    expected = layer(noise(4, 2, 3))[0]
    for one in wrapped:
        half.load_mask_state(layer, state)
        assert torch.equal(one(noise(4, 2, 3))[0], expected)


@pytest.mark.filterwarnings("ignore")  # gloo's own
def test_distributed_training_wraps_a_layer(tmp_path):
    layer, x = initial("gru", zoneout=0.3), noise(4, 2, 3)
    expected = slopes(layer, x, lambda v: copy.deepcopy(layer)(v)[0])[:2]
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        wrapped = torch.nn.parallel.DistributedDataParallel(layer)
        all_equal(slopes(layer, x, lambda v: wrapped(v)[0])[:2], expected)
    finally:
        torch.distributed.destroy_process_group()


WRAPS = {
    "pruned": lambda layer: prune.l1_unstructured(layer, "weight_hh_l0", 0.5),
    "weight_norm": lambda layer: parametrizations.weight_norm(layer, "weight_hh_l0"),
    "spectral_norm": lambda layer: parametrizations.spectral_norm(layer, "weight_ih_l0"),
    "orthogonal": lambda layer: parametrizations.orthogonal(layer, "weight_ih_l0"),
}


@pytest.mark.parametrize("wrap", WRAPS)
@pytest.mark.parametrize("kind", ["lstm", "rnn_tanh", "coupled_lstm"])
@pytest.mark.parametrize("name", ["plain", "zoneout", "weight_drop"])
def test_weights_that_are_computed_are_used_in_every_way(wrap, kind, name):
    torch.manual_seed(0)
    layer = initial(kind, **TABLE[name]).eval()
    WRAPS[wrap](layer)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.mul_(1.5)
    output = layer(noise(4, 2, 3))[0]
    plain = initial(kind, **TABLE[name]).eval()
    plain.load_state_dict({key: getattr(layer, key) for key in plain.state_dict()})
    torch.testing.assert_close(output, plain(noise(4, 2, 3))[0], rtol=0, atol=1e-12)
    layer.fast = False
    torch.testing.assert_close(output, layer(noise(4, 2, 3))[0], rtol=0, atol=1e-12)
    layer.train()(noise(4, 2, 3))[0].sum().backward()
    assert all(torch.isfinite(p.grad).all() for p in layer.parameters())


@pytest.mark.parametrize("kind, name", cases(SOME, TABLE))
def test_a_layer_computes_shapes_without_memory(kind, name):
    for training in (True, False):
        layer = initial(kind, num_layers=2, device="meta", **TABLE[name]).train(training)
        output, state = layer(torch.empty(4, 2, 3, dtype=torch.float64, device="meta"))
        assert output.is_meta
        assert output.shape == (4, 2, 4)
        assert all(part.shape == (2, 2, 4) for part in parts(state))


def masks_of_a_child(queue, layer, x):
    queue.put(layer(x)[0].detach().numpy())


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_layer_works_in_another_process(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"processes are not started by {method} here")
    context = multiprocessing.get_context(method)
    layer, x, queue = initial("lstm", recurrent_dropout=0.5), noise(4, 2, 3), context.Queue()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a fork of a process with threads
        child = context.Process(target=masks_of_a_child, args=(queue, layer, x))
        child.start()
    found = queue.get(timeout=120)
    child.join()
    np.testing.assert_array_equal(found, layer(x)[0].detach())
