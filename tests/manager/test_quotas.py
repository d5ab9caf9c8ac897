"""What a facility allows one user is checked before anything is submitted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import dask.config
import pytest

from af_lab.errors import LimitExceeded
from af_lab.home import af_lab_home
from af_lab.manager.manager import ClusterManager
from af_lab.manager.quotas import most_allowed
from af_lab.model.spec import make_spec
from tests.support import jobs_left

pytestmark = pytest.mark.pool


@asynccontextmanager
async def nothing_happens(manager: ClusterManager) -> AsyncIterator[None]:
    """Check that no job, no folder and no number wanted is another one afterwards."""

    async def there() -> object:
        wanted = {info.name: (info.workers, info.adapt, info.generation) for info in await manager.clusters()}
        return await jobs_left(manager.queue), wanted, set((af_lab_home() / "clusters").glob("*"))

    before = await there()
    yield
    assert await there() == before


async def test_one_cluster_more_than_allowed_is_refused_with_the_names_of_the_others(manager: ClusterManager) -> None:
    with dask.config.set({"af-lab.limits.clusters": 1}):
        await manager.create(make_spec({"name": "first", "workers": 0}))
        async with nothing_happens(manager):
            with pytest.raises(LimitExceeded, match=r"at most 1 cluster .*, and you have 1: first\. End one first\."):
                await manager.create(make_spec({"name": "second", "workers": 0}))
        await manager.scale("first", 1)
        await manager.shutdown("first")
        await manager.create(make_spec({"name": "second", "workers": 0}))


async def test_more_workers_of_one_cluster_than_allowed_are_refused(manager: ClusterManager) -> None:
    with dask.config.set({"af-lab.limits.workers": 3}):
        async with nothing_happens(manager):
            for asked in ({"workers": 4}, {"adapt": (0, 4)}):
                with pytest.raises(LimitExceeded, match="A cluster may have at most 3 workers, not 4"):
                    await manager.create(make_spec({"name": "many", **asked}))
        await manager.create(make_spec({"name": "many", "workers": 0}))
        async with nothing_happens(manager):
            with pytest.raises(LimitExceeded, match="A cluster may have at most 3 workers, not 4"):
                await manager.scale("many", 4)
            with pytest.raises(LimitExceeded, match="A cluster may have at most 3 workers, not 5"):
                await manager.adapt("many", 0, 5)
        assert (await manager.adapt("many", 0, 3)).info.adapt is not None


async def test_more_cores_than_allowed_are_refused_with_what_is_left(manager: ClusterManager) -> None:
    with dask.config.set({"af-lab.limits.cores": 9}):
        # Two jobs of three cores for four workers.
        await manager.create(make_spec({"name": "wide", "workers": 4, "cores": 3}))
        async with nothing_happens(manager):
            with pytest.raises(LimitExceeded, match=r"9 cores\. .* have 6, which leaves 3 for this one, not 4"):
                await manager.create(make_spec({"name": "narrow", "workers": 4}))
            with pytest.raises(LimitExceeded, match="have 6, which leaves 3 for this one, not 4"):
                await manager.create(make_spec({"name": "narrow", "workers": 3, "cores": 2}))
        await manager.create(make_spec({"name": "narrow", "adapt": (0, 3)}))
        async with nothing_happens(manager):
            with pytest.raises(LimitExceeded, match="have 3, which leaves 6 for this one, not 9"):
                await manager.scale("wide", 7)
    with dask.config.set({"af-lab.limits.cores": 1, "af-lab.limits.workers": 1}):
        fewer = (await manager.scale("wide", 3)).info
        assert fewer.workers == 3, "fewer than there are, though still more than allowed by now"


async def test_what_is_left_for_one_cluster_is_what_it_may_be_scaled_to(manager: ClusterManager) -> None:
    limits = {"af-lab.limits.workers": 6, "af-lab.limits.cores": 9}
    with dask.config.set(limits):
        await manager.create(make_spec({"name": "wide", "workers": 0, "cores": 2}))
        await manager.create(make_spec({"name": "other", "workers": 0}))
        for used, left in ((4, 4), (0, 6)):
            await manager.scale("other", used)
            assert most_allowed("wide", await manager.jobs()) == left
            await manager.adapt("wide", 0, left)
        with dask.config.set({"af-lab.limits.cores": 1}):
            assert most_allowed("wide", await manager.jobs()) == 6, "what it has"
