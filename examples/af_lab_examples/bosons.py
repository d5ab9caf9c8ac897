"""Z and W bosons with jets, and muons from jets."""

from __future__ import annotations

import sys
from dataclasses import replace

import cloudpickle
import numpy as np

from af_lab_examples.decays import Floats, Integers, azimuths, breit_wigner, falling_pt, four_momentum, two_body
from af_lab_examples.particles import (
    Drawn,
    Particles,
    decay_taus,
    enriched_radiation,
    joined,
    radiation,
    records,
    total,
)

__all__ = [
    "CHANNELS",
    "QCD_KINDS",
    "WJETS_KINDS",
    "W_SHARES",
    "ZLL_KINDS",
    "draw_enriched_wjets",
    "draw_qcd",
    "draw_wjets",
    "draw_zll",
    "w_products",
]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

# masses and widths (GeV) and branching fractions: Particle Data Group
Z_MASS, Z_WIDTH = 91.1880, 2.4955
W_MASS, W_WIDTH = 80.369, 2.085
# decays of a W+: the numbers of both products, and their shares
CHANNELS = ((-11, 12), (-13, 14), (-15, 16), (2, -1), (4, -3))
W_SHARES = (0.1086, 0.1086, 0.1086, 0.3371, 0.3371)

BOSON_PT_SCALE = (
    10.0  # GeV; besides recoil against jets. Gives the peak of the Z's spectrum at 5 GeV (CMS, EPJC 72 (2012) 2074)
)
BOSON_RAPIDITY = 1.7  # standard deviation; flat below 2 and nothing above 4 would be about as good
JET_RATIO = 0.5  # with the jets above 12 GeV; 0.2 with those above 30 GeV (CMS, PLB 741 (2015) 12)
POSITIVE_SHARE = 0.58  # of all W bosons: 1.4 times as many as negative ones (CMS, PRL 112 (2014) 191802)

ZLL_KINDS = ("Z->ee", "Z->mumu")
WJETS_KINDS = ("W->enu", "W->munu", "W->taunu")
QCD_KINDS = ("b->mu", "c->mu", "light->mu")
QCD_SHARES = (0.7, 0.2, 0.1)  # at the momenta of muon triggers, b decays are most of it
QCD_LEAST = 15.0  # GeV, muons


def w_products(rng: np.random.Generator, event: Integers, w: Floats, sign: Integers, channel: Integers) -> Particles:
    """Let W bosons decay; all products are taken as massless.

    Parameters
    ----------
    w
        Their momenta.
    sign
        Their charges.
    channel
        Indices of `CHANNELS`.
    """
    numbers = np.array(CHANNELS)[channel]
    pair = [
        records(event, sign * numbers[:, index], momentum) for index, momentum in enumerate(two_body(rng, w, 0.0, 0.0))
    ]
    return joined(pair)


def draw_zll(rng: np.random.Generator, count: int) -> Drawn:
    """Draw Z bosons that decay to electrons or muons."""
    jets = radiation(rng, count, JET_RATIO)
    z = _boson(rng, breit_wigner(rng, Z_MASS, Z_WIDTH, count), jets)
    event = np.arange(count)
    kind = rng.integers(0, 2, count)
    number = np.where(kind == 0, 11, 13)
    leptons = [
        records(event, sign * number, momentum)
        for sign, momentum in zip((1, -1), two_body(rng, z, 0.0, 0.0), strict=True)
    ]
    return Drawn(joined([*leptons, jets]), kind)


def draw_wjets(rng: np.random.Generator, count: int) -> Drawn:
    """Draw W bosons that decay to a lepton and a neutrino."""
    return _wjets(rng, radiation(rng, count, JET_RATIO), count)


def draw_enriched_wjets(rng: np.random.Generator, count: int) -> Drawn:
    """Draw the same, with weights, and with many more events that have the jets of top pairs."""
    jets, weight = enriched_radiation(rng, count, JET_RATIO)
    return replace(_wjets(rng, jets, count), weight=weight)


def _wjets(rng: np.random.Generator, jets: Particles, count: int) -> Drawn:
    w = _boson(rng, breit_wigner(rng, W_MASS, W_WIDTH, count), jets)
    sign = np.where(rng.random(count) < POSITIVE_SHARE, 1, -1)
    kind = rng.integers(0, 3, count)
    return Drawn(joined([decay_taus(rng, w_products(rng, np.arange(count), w, sign, kind)), jets]), kind)


def draw_qcd(rng: np.random.Generator, count: int) -> Drawn:
    """Draw pairs of jets with a muon in the first one."""
    event = np.arange(count)
    kind = rng.choice(len(QCD_SHARES), size=count, p=QCD_SHARES)
    muon_pt = QCD_LEAST + falling_pt(rng, 15.0, count)
    pt = muon_pt / rng.beta(4, 2.5, count)
    phi, eta = azimuths(rng, count), rng.normal(0, 1.3, count)
    flavour = np.array([5, 4, 1])[kind] * rng.choice([-1, 1], size=count)
    first = records(event, flavour, _along(pt, eta, phi))
    second = records(event, -flavour, _along(pt, eta + rng.normal(0, 0.8, count), phi + np.pi))
    muons = records(
        event,
        13 * rng.choice([-1, 1], size=count),
        _along(muon_pt, eta + rng.normal(0, 0.08, count), phi + rng.normal(0, 0.08, count)),
        prompt=False,
    )
    return Drawn(joined([first, second, muons, radiation(rng, count, JET_RATIO)]), kind)


def _boson(rng: np.random.Generator, mass: Floats, jets: Particles) -> Floats:
    """Return momenta of bosons that recoil against the jets of their event, and a little more."""
    count = len(mass)
    x, y = total(jets, count)
    pt, phi = falling_pt(rng, BOSON_PT_SCALE, count), azimuths(rng, count)
    return four_momentum(pt * np.cos(phi) - x, pt * np.sin(phi) - y, rng.normal(0, BOSON_RAPIDITY, count), mass)


def _along(pt: Floats, eta: Floats, phi: Floats) -> Floats:
    return np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta)])
