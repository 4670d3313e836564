"""Finite differences: does backward give the slope of forward?"""

import numpy as np

from tests.grids import data, pack, parts, upstream


def slope(function, point, direction, eps):
    """Central difference of a function of one array along a direction."""
    return (function(point + eps * direction) - function(point - eps * direction)) / (2 * eps)


def slopes(function, point, direction, eps=1e-5):
    """Ever better estimates of one slope: central differences, extrapolated as by Romberg."""
    row = [slope(function, point, direction, eps)]
    yield row[0]
    for level in (1, 2):
        row, before = [slope(function, point, direction, eps / 2**level)], row
        for k, coarse in enumerate(before):
            row.append(row[k] + (row[k] - coarse) / (4 ** (k + 1) - 1))
        yield row[-1]


def compare_slopes(loss, points, gradients, seed=5, tolerance=1e-8):
    """For each named point, compare gradient times a random direction with finite differences.

    loss takes the points by name. One difference is exact enough, but where layer normalisation
    bends a lot. Returns a line for each that differs, with both numbers.
    """
    rng = np.random.default_rng(seed)
    assert points.keys() == gradients.keys()
    wrong = []
    for name, point in points.items():
        assert point.dtype == np.float64
        assert gradients[name].shape == point.shape, name
        direction = rng.standard_normal(point.shape)
        backward = float(np.vdot(gradients[name], direction))
        for found in slopes(lambda v, name=name: loss({**points, name: v}), point, direction):
            if abs(found - backward) <= tolerance * max(1, abs(found)):
                break
        else:
            wrong.append(f"{name}: finite difference {found:.10g}, backward {backward:.10g}")
    return wrong


def wrong_slopes(make, *, steps=3, lengths=None, training=True, arriving=(1, 1, 1)):
    """Compare every gradient of a layer; returns the lines of what differs.

    make builds the layer anew for every forward, so that it draws the same masks again. arriving
    tells which of output and states a gradient arrives on.
    """
    layer = make()
    noise = np.random.default_rng(6)
    x, hx = data(layer, steps)
    points = {"x": x, **{f"hx[{k}]": s for k, s in enumerate(parts(hx))}}
    # No parameter is left as special as its initialisation.
    points |= {name: v + noise.normal(0, 0.4, v.shape) for name, v in layer.parameters.items()}

    def run(points):
        layer = make().train(training)
        for name, parameter in layer.parameters.items():
            parameter[...] = points[name]
        hx = pack([points[f"hx[{k}]"] for k in range(len(layer.cell.states))])
        output, state = layer(points["x"], hx, lengths=lengths)
        return layer, (output, *parts(state))

    layer, answers = run(points)
    d_output, d_state = upstream(answers[0], pack(answers[1:]))
    weights = [d * a for d, a in zip((d_output, *parts(d_state)), arriving, strict=False)]

    def loss(points):
        return sum(np.vdot(w, a) for w, a in zip(weights, run(points)[1], strict=True))

    d_x, d_hx = layer.backward(weights[0], pack(weights[1:]))
    gradients = {"x": d_x, **{f"hx[{k}]": d for k, d in enumerate(parts(d_hx))}, **layer.grads}
    return compare_slopes(loss, points, gradients)
