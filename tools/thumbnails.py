"""Draw the pictures of the examples that the panel shows: `.venv/bin/python tools/thumbnails.py`."""

from pathlib import Path

import matplotlib as mpl
import mplhep
from af_lab_examples.dimuon import DimuonProcessor, DimuonSchema
from af_lab_examples.plots import dimuon_spectrum
from af_lab_examples.sample import dimuon_sample
from coffea import processor

NOTEBOOKS = Path(__file__).parents[1] / "examples" / "notebooks"
SIZE = (6.4, 4.0)  # inches, at which the style's letters can be read when the picture is 240 pixels wide
DPI = 75
# Labels for which there is no room beside the others, and how far to the right the rest stand (points).
SHORTER = {
    r"$\rho,\omega$": (r"$\rho,\omega$", -16),
    r"$\phi$": (r"$\phi$", 6),
    r"$\psi$(2S)": ("", 0),
    r"$\Upsilon$(1,2,3S)": (r"$\Upsilon$", 4),
}


def dimuon_thumbnail(path: Path) -> None:
    """Draw the dimuon spectrum of the sample data, as the notebook does but with less around it."""
    mplhep.style.use("CMS")
    run = processor.Runner(executor=processor.IterativeExecutor(status=False), schema=DimuonSchema)
    output = run({"dimuon": dimuon_sample().files}, DimuonProcessor(), treename="Events")
    figure = dimuon_spectrum(output["histograms"]["mass"])
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


if __name__ == "__main__":
    mpl.use("agg")
    dimuon_thumbnail(NOTEBOOKS / "dimuon-spectrum-coffea.png")
