"""Top quarks, in pairs and alone."""

from __future__ import annotations

import sys

import cloudpickle
import numpy as np

from af_lab_examples.bosons import CHANNELS, W_MASS, W_SHARES, W_WIDTH, w_products
from af_lab_examples.decays import Floats, Integers, azimuths, breit_wigner, falling_pt, four_momentum, two_body
from af_lab_examples.particles import Drawn, Particles, decay_taus, joined, radiation, records, total

__all__ = ["SINGLETOP_KINDS", "TTBAR_KINDS", "draw_singletop", "draw_ttbar"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

TOP_MASS = 172.5  # GeV, as in the simulations of CMS
TOP_WIDTH = 1.42  # GeV, Particle Data Group
BOTTOM_MASS = 4.8  # GeV

# of top pairs: pt peaks near 100 GeV, most are central (CMS, EPJC 75 (2015) 542)
PAIR_PT_SCALE = 220.0  # GeV
PAIR_RAPIDITY, EACH_RAPIDITY = 0.8, 0.6
PAIR_JET_RATIO = 0.6

# in the t channel: softer, with a light jet ahead (CMS, JHEP 06 (2014) 090)
SINGLE_PT_SCALE = 110.0  # GeV
SINGLE_RAPIDITY, FORWARD_RAPIDITY = 1.2, 2.5
SINGLE_JET_RATIO = 0.5
SINGLE_POSITIVE = 0.65  # tops rather than antitops

TTBAR_KINDS = ("hadronic", "semileptonic", "dileptonic")
SINGLETOP_KINDS = ("t->b l nu", "t->b q q")
LEPTONIC = 3  # the first channels of a W are leptonic


def draw_ttbar(rng: np.random.Generator, count: int) -> Drawn:
    """Draw top pairs; their kinds count taus as leptons."""
    jets = radiation(rng, count, PAIR_JET_RATIO)
    x, y = total(jets, count)
    pt, phi = falling_pt(rng, PAIR_PT_SCALE, count), azimuths(rng, count)
    common = rng.normal(0, PAIR_RAPIDITY, count)
    products, leptonic = [jets], np.zeros(count, np.int64)
    for sign in (1, -1):
        top = four_momentum(
            sign * pt * np.cos(phi) - x / 2,
            sign * pt * np.sin(phi) - y / 2,
            common + rng.normal(0, EACH_RAPIDITY, count),
            breit_wigner(rng, TOP_MASS, TOP_WIDTH, count),
        )
        channel = _channels(rng, count)
        products.append(_top_products(rng, top, np.full(count, sign), channel))
        leptonic += channel < LEPTONIC
    return Drawn(joined(products), leptonic)


def draw_singletop(rng: np.random.Generator, count: int) -> Drawn:
    """Draw single tops with a light jet that goes forward."""
    jets = radiation(rng, count, SINGLE_JET_RATIO)
    x, y = total(jets, count)
    event = np.arange(count)
    pt, phi = falling_pt(rng, SINGLE_PT_SCALE, count), azimuths(rng, count)
    sign = np.where(rng.random(count) < SINGLE_POSITIVE, 1, -1)
    side = rng.choice([-1, 1], size=count)
    top = four_momentum(
        pt * np.cos(phi) - x,
        pt * np.sin(phi) - y,
        rng.normal(0, SINGLE_RAPIDITY, count),
        breit_wigner(rng, TOP_MASS, TOP_WIDTH, count),
    )
    ahead = four_momentum(
        -pt * np.cos(phi), -pt * np.sin(phi), side * rng.normal(FORWARD_RAPIDITY, 0.8, count), np.zeros(count)
    )
    channel = _channels(rng, count)
    products = [_top_products(rng, top, sign, channel), records(event, sign, ahead), jets]
    return Drawn(joined(products), (channel >= LEPTONIC).astype(np.int64))


def _channels(rng: np.random.Generator, count: int) -> Integers:
    return rng.choice(len(CHANNELS), size=count, p=W_SHARES)


def _top_products(rng: np.random.Generator, top: Floats, sign: Integers, channel: Integers) -> Particles:
    event = np.arange(top.shape[1])
    w, bottom = two_body(rng, top, breit_wigner(rng, W_MASS, W_WIDTH, len(event)), BOTTOM_MASS)
    from_w = decay_taus(rng, w_products(rng, event, w, sign, channel))
    return joined([records(event, 5 * sign, bottom, mass=BOTTOM_MASS), from_w])
