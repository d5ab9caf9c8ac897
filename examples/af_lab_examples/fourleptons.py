"""Four leptons from two Z bosons: of a Higgs boson, and without one."""

from __future__ import annotations

import sys

import cloudpickle
import numpy as np

from af_lab_examples.bosons import JET_RATIO, Z_MASS, Z_WIDTH
from af_lab_examples.decays import Floats, azimuths, breit_wigner, falling_pt, four_momentum, two_body
from af_lab_examples.particles import Drawn, Particles, joined, radiation, records, total

__all__ = ["FOUR_LEPTON_KINDS", "HIGGS_MASS", "draw_higgs", "draw_zz"]

cloudpickle.register_pickle_by_value(sys.modules[__name__])

HIGGS_MASS = 125.09  # GeV; ATLAS and CMS, PRL 114 (2015) 191803. Its width of 4 MeV cannot be seen
FOUR_LEPTON_KINDS = ("4e", "4mu", "2e2mu")
KIND_SHARES = (0.25, 0.25, 0.5)
LEAST_MASS = 4.0  # GeV, of a pair of leptons, as in the simulations of CMS
HIGGS_PT_SCALE = 20.0  # GeV, in addition to the recoil against jets
HIGGS_RAPIDITY, ZZ_RAPIDITY = 1.2, 1.3
ZZ_PT_SCALE = 15.0  # GeV

# the parts of ZZ, approximately as CMS measured them (PLB 740 (2015) 250, figure 1; PRD 89 (2014) 092007, figure 4):
# both on shell; one of them a photon for the most part; and a Z that radiates the other pair
ON_SHELL, WITH_PHOTON, FROM_ONE_Z = "on shell", "with photon", "from one Z"
ZZ_SHARES = {ON_SHELL: 0.84, WITH_PHOTON: 0.08, FROM_ONE_Z: 0.08}


def draw_higgs(rng: np.random.Generator, count: int) -> Drawn:
    """Draw Higgs bosons that decay to two Z bosons, at least one of them off shell, and these to leptons."""
    jets = radiation(rng, count, JET_RATIO)
    higgs = _system(rng, np.full(count, HIGGS_MASS), jets, HIGGS_PT_SCALE, HIGGS_RAPIDITY)
    return _four_leptons(rng, higgs, *_higgs_pair_masses(rng, count), jets)


def draw_zz(rng: np.random.Generator, count: int) -> Drawn:
    """Draw pairs of Z bosons and photons that decay to four leptons."""
    jets = radiation(rng, count, JET_RATIO)
    source = rng.choice(len(ZZ_SHARES), size=count, p=list(ZZ_SHARES.values()))
    first = breit_wigner(rng, Z_MASS, Z_WIDTH, count)
    second = breit_wigner(rng, Z_MASS, Z_WIDTH, count)
    mass = first + second + rng.exponential(60.0, count)

    names = list(ZZ_SHARES)
    photon = source == names.index(WITH_PHOTON)
    second[photon] = _photon_masses(rng, np.full(int(photon.sum()), 60.0))
    mass[photon] = (first + second)[photon] + rng.exponential(30.0, int(photon.sum()))

    single = source == names.index(FROM_ONE_Z)
    mass[single] = breit_wigner(rng, Z_MASS, Z_WIDTH, int(single.sum()))
    second[single] = _photon_masses(rng, np.full(int(single.sum()), 30.0))
    first[single] = 40.0 + (mass[single] - second[single] - 40.0) * rng.random(int(single.sum()))
    return _four_leptons(rng, _system(rng, mass, jets, ZZ_PT_SCALE, ZZ_RAPIDITY), first, second, jets)


def _system(rng: np.random.Generator, mass: Floats, jets: Particles, scale: float, rapidity: float) -> Floats:
    count = len(mass)
    x, y = total(jets, count)
    pt, phi = falling_pt(rng, scale, count), azimuths(rng, count)
    return four_momentum(pt * np.cos(phi) - x, pt * np.sin(phi) - y, rng.normal(0, rapidity, count), mass)


def _four_leptons(rng: np.random.Generator, system: Floats, first: Floats, second: Floats, jets: Particles) -> Drawn:
    count: int = system.shape[1]
    event = np.arange(count)
    kind = rng.choice(len(KIND_SHARES), size=count, p=KIND_SHARES)
    swapped = rng.random(count) < 0.5
    numbers = (
        np.select([kind == 0, kind == 1], [11, 13], np.where(swapped, 11, 13)),
        np.select([kind == 0, kind == 1], [11, 13], np.where(swapped, 13, 11)),
    )
    parts = [jets]
    for number, z in zip(numbers, two_body(rng, system, first, second), strict=True):
        lepton, antilepton = two_body(rng, z, 0.0, 0.0)
        parts += [records(event, number, lepton), records(event, -number, antilepton)]
    return Drawn(joined(parts), kind)


def _photon_masses(rng: np.random.Generator, most: Floats) -> Floats:
    """Draw from dN/dm ~ 1 / m, between the least mass and the given ones."""
    masses: Floats = LEAST_MASS * (most / LEAST_MASS) ** rng.random(len(most))
    return masses


def _higgs_grid() -> tuple[Floats, Floats, Floats, float]:
    """Tabulate the masses of both Z bosons.

    The density is that of Djouadi's review (Physics Reports 457 (2008) 1, section 2.2.3): with the squared masses
    s and t in units of the Higgs boson's, and l = (1 - s - t)^2 - 4 s t, the decay is proportional to
    sqrt(l) (l + 12 s t), and each Z gives a Breit-Wigner in its squared mass. The table takes about ten milliseconds.
    """
    step = 0.25  # GeV
    centres = np.arange(LEAST_MASS + step / 2, HIGGS_MASS - LEAST_MASS, step)
    first, second = np.meshgrid(centres, centres, indexing="ij")
    heavier = (first >= second) & (first + second + step < HIGGS_MASS)
    first, second = first[heavier], second[heavier]
    s, t = (first / HIGGS_MASS) ** 2, (second / HIGGS_MASS) ** 2
    phase = np.maximum((1 - s - t) ** 2 - 4 * s * t, 0)
    density = np.sqrt(phase) * (phase + 12 * s * t)
    for mass in (first, second):
        density *= mass / ((mass**2 - Z_MASS**2) ** 2 + (Z_MASS * Z_WIDTH) ** 2)
    reached = np.cumsum(density)
    return first, second, reached / reached[-1], step


def _higgs_pair_masses(rng: np.random.Generator, count: int) -> tuple[Floats, Floats]:
    first, second, reached, step = _higgs_grid()
    chosen = np.searchsorted(reached, rng.random(count))
    blur = step / 2
    return first[chosen] + rng.uniform(-blur, blur, count), second[chosen] + rng.uniform(-blur, blur, count)
