"""Which clusters are stopped, and what is lost with them."""

from __future__ import annotations

import pytest

from af_lab.cli.stop import choose, farewell, loss
from af_lab.errors import ClusterNotFound
from af_lab.model.snapshot import Counts
from tests.cli.support import cluster_info


def test_stopping_means_the_cluster_that_exists() -> None:
    old, new = cluster_info(id=1, state="ended"), cluster_info(id=2)
    other = cluster_info(name="higgs", id=3, state="failed")
    infos = [old, new, other]
    assert choose(infos, ["dimuon", "dimuon"]) == [new]
    assert choose(infos, []) == [new, other]
    assert choose([old], ["dimuon"]) == [old]
    with pytest.raises(ClusterNotFound, match=r"'higs'.*mean 'higgs'.*Nothing was stopped"):
        choose(infos, ["dimuon", "higs"])


def test_stopping_says_what_is_lost() -> None:
    info = cluster_info(kept_results=2, kept_bytes=3_000_000)
    assert loss(info) == "12 workers, 6 waiting workers, 2 results (3 MB) in their memory and its running tasks"
    assert loss(cluster_info(state="pending", counts=Counts(requested=1))) == "no workers"
    assert loss(cluster_info(state="pending", counts=Counts(requested=1, waiting=1))) == "1 waiting worker"
    assert "it had no workers" in farewell(cluster_info(state="failed", counts=Counts()))
    assert "had already ended" in farewell(cluster_info(state="ended"))
