"""Draw the pictures of the examples that the panel shows: `.venv/bin/python tools/thumbnails.py`."""

from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import mplhep
import numpy as np
from af_lab_examples import (
    adl_coffea,
    adl_rdf,
    catalogue,
    columnar,
    columnar_rdf,
    dimuon_rdf,
    higgs,
    higgs_coffea,
    higgs_rdf,
    stacked,
    ttbar,
    ttbar_coffea,
    ttbar_rdf,
)
from af_lab_examples.adl_plots import adl_queries
from af_lab_examples.columnar_plots import speeds
from af_lab_examples.dimuon import DimuonProcessor, DimuonSchema
from af_lab_examples.plots import dimuon_spectrum
from af_lab_examples.sample import dimuon_sample
from af_lab_examples.simulation import find_files
from coffea import processor
from matplotlib.figure import Figure

NOTEBOOKS = Path(__file__).parents[1] / "examples" / "notebooks"
SIZE = (6.4, 4.0)  # inches, at which the style's letters can be read when the picture is 240 pixels wide
DPI = 75
# Labels for which there is no room beside the others, and the shift of the others to the right (points).
SHORTER = {
    r"$\rho,\omega$": (r"$\rho,\omega$", -16),
    r"$\phi$": (r"$\phi$", 6),
    r"$\psi$(2S)": ("", 0),
    r"$\Upsilon$(1,2,3S)": (r"$\Upsilon$", 4),
}


def dimuon_histograms() -> dict[str, Any]:
    """Return the result of the dimuon notebook with coffea for the sample data."""
    run = processor.Runner(executor=processor.IterativeExecutor(status=False), schema=DimuonSchema)
    output = run({"dimuon": dimuon_sample().files}, DimuonProcessor(), treename="Events")
    histograms: dict[str, Any] = output["histograms"]
    return histograms


def dimuon_thumbnail(path: Path, histograms: dict[str, Any]) -> None:
    """Draw the dimuon spectrum of the sample data, as the notebook does but with less around it."""
    mplhep.style.use("CMS")
    figure = dimuon_spectrum(histograms["mass"])
    (axes,) = figure.axes
    for text in axes.texts:
        label, aside = SHORTER.get(text.get_text(), (text.get_text(), 0))
        text.set_text(label)
        text.set_position((aside, 8))
    for side in ("left", "right"):
        axes.set_title("", loc=side)
    axes.minorticks_off()
    axes.tick_params(axis="y", left=False, right=False, labelleft=False)
    axes.set_ylabel("")
    figure.set_size_inches(SIZE)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def adl_thumbnail(path: Path, histograms: dict[str, Any]) -> None:
    """Draw the queries' histograms as the notebooks do, but only their shapes and names."""
    mplhep.style.use("CMS")
    figure = adl_queries(histograms, "")
    for axes in figure.axes:
        axes.minorticks_off()
        axes.tick_params(left=False, right=False, top=False, bottom=False, labelleft=False, labelbottom=False)
        axes.set(xlabel="", ylabel="")
        axes.yaxis.offsetText.set_visible(False)
        for text in axes.texts:
            text.set_fontsize("medium")
    figure.set_size_inches(SIZE)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def columnar_thumbnail(path: Path, files: list[str]) -> None:
    """Draw the speeds of the ways to select muon pairs on this machine, but only the bars and their names."""
    mplhep.style.use("CMS")
    ways = {
        "event loop": columnar.event_loop,
        "awkward": columnar.awkward_arrays,
        "RDataFrame": columnar_rdf.rdataframe,
    }
    figure = speeds([columnar.measure(name, partial(way, files)) for name, way in ways.items()], "")
    (axes,) = figure.axes
    axes.minorticks_off()
    axes.tick_params(axis="x", top=False, bottom=False, labelbottom=False)
    for text in (*axes.get_yticklabels(), *axes.texts):
        text.set_fontsize("large")
    figure.set_size_inches(SIZE)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def darts_thumbnail(path: Path) -> None:
    """Draw the darts that the notebook about a first cluster throws, but few of them."""
    mplhep.style.use("CMS")
    x, y = np.random.default_rng(1).random((2, 700))
    hit = x * x + y * y < 1
    figure, axes = plt.subplots(figsize=SIZE, layout="constrained")
    for darts, colour in ((hit, "#3f90da"), (~hit, "#ffa90e")):
        axes.scatter(x[darts], y[darts], s=18, color=colour, linewidths=0)
    angle = np.linspace(0, np.pi / 2, 200)
    axes.plot(np.cos(angle), np.sin(angle), color="#3f90da")
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_title(rf"$\pi \approx {4 * hit.mean():.2f}$", loc="center")
    axes.minorticks_off()
    axes.tick_params(left=False, right=False, top=False, bottom=False, labelleft=False, labelbottom=False)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


def stacked_thumbnail(path: Path, figure: Figure) -> None:
    """Draw a stack of processes as its notebook does, but without words around it."""
    for axes in figure.axes:
        for side in ("left", "right"):
            axes.set_title("", loc=side)
        axes.minorticks_off()
        axes.tick_params(axis="y", left=False, right=False, labelleft=False)
        axes.set_ylabel("")
        axes.yaxis.offsetText.set_visible(False)
        legend = axes.get_legend()
        if legend is not None:
            legend.remove()
    figure.set_size_inches(SIZE)
    figure.savefig(path, dpi=DPI, metadata={"Software": None})


if __name__ == "__main__":
    mpl.use("agg")
    dimuon_thumbnail(NOTEBOOKS / "dimuon-spectrum-coffea.png", dimuon_histograms())
    dimuon_thumbnail(NOTEBOOKS / "dimuon-spectrum-rdf.png", dimuon_rdf.run(dimuon_sample().files)["histograms"])
    columnar_thumbnail(NOTEBOOKS / "columnar-thinking.png", catalogue.dataset("dimuon", events=200_000).files)
    darts_thumbnail(NOTEBOOKS / "first-cluster.png")
    queries = catalogue.dataset("single-muon").files
    adl_thumbnail(NOTEBOOKS / "adl-benchmarks-coffea.png", adl_coffea.run(queries)["histograms"])
    adl_thumbnail(NOTEBOOKS / "adl-benchmarks-rdf.png", adl_rdf.run(queries)["histograms"])
    mplhep.style.use("CMS")
    leptons = find_files(None, higgs.SAMPLE, tuple(higgs.DATASETS))
    for framework, result in (("coffea", higgs_coffea.run(leptons)), ("rdf", higgs_rdf.run(leptons))):
        figure = stacked.four_lepton_mass(result["histograms"])
        stacked_thumbnail(NOTEBOOKS / f"higgs-four-leptons-{framework}.png", figure)
    tops = find_files(None, ttbar.SAMPLE, tuple(ttbar.DATASETS))
    for framework, result in (("coffea", ttbar_coffea.run(tops)), ("rdf", ttbar_rdf.run(tops))):
        figure = stacked.top_pairs(result["histograms"])
        stacked_thumbnail(NOTEBOOKS / f"ttbar-systematics-{framework}.png", figure)
