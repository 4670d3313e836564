"""The PyTorch half on a GPU: as on the CPU."""

import copy

import pytest
import torch

from tests.grids import KINDS, REGULARISERS, cases, parts
from tests.torch_twins import initial

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="this machine has no GPU")
TABLE = {"plain": {}, **REGULARISERS}


@pytest.mark.parametrize("kind, name", cases(list(KINDS), TABLE))
@pytest.mark.parametrize("lengths", [None, (4, 0, 2)], ids=["whole", "lengths"])
def test_a_gpu_gives_what_the_cpu_gives(kind, name, lengths):
    on_cpu = initial(kind, num_layers=2, bidirectional=True, **TABLE[name])
    on_gpu = copy.deepcopy(on_cpu).cuda()
    found = []
    for layer, device in ((on_cpu, "cpu"), (on_gpu, "cuda")):
        x = torch.linspace(-1, 1, 36, dtype=torch.float64, device=device).reshape(4, 3, 3)
        x.requires_grad_()
        output, state = layer(x, lengths=lengths)
        (output.square().sum() + sum(s.square().sum() for s in parts(state))).backward()
        gradients = [x.grad, *(p.grad for p in layer.parameters())]
        found.append([t.detach().cpu() for t in (output, *parts(state), *gradients)])
    for one, two in zip(*found, strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn_tanh"])
def test_a_plain_layer_on_a_gpu_is_torchs_own_call_bitwise(kind):
    layer = initial(kind, dtype=None, num_layers=2, device="cuda")
    stock = getattr(torch.nn, KINDS[kind].layer.__name__)(3, 4, 2, device="cuda")
    stock.load_state_dict(layer.state_dict())
    x = torch.ones(5, 2, 3, device="cuda")
    assert torch.equal(layer(x)[0], stock(x)[0])


@pytest.mark.parametrize("kind", ["lstm", "gru", "rnn_tanh"])
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_and_autocast_work_on_a_gpu(kind, dtype):
    for options in ({}, {"recurrent_dropout": 0.3}, {"zoneout": 0.2}, {"weight_drop": 0.3}):
        layer = initial(kind, dtype=None, device="cuda", **options)
        x = torch.ones(5, 2, 3, device="cuda")
        with torch.autocast("cuda", dtype):
            output, _ = layer(x, lengths=[5, 2])
        output.float().sum().backward()
        assert all(torch.isfinite(p.grad).all() for p in layer.parameters())
        low = layer.to(dtype)
        assert low(x.to(dtype), lengths=[5, 2])[0].dtype == dtype
