"""A look at the pool, to find out whether it can ever run the jobs of a cluster."""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import replace

from af_lab import config
from af_lab.condor.helper_connection import HelperConnection
from af_lab.condor.pool import Pool
from af_lab.condor.slots import room_ever
from af_lab.errors import CondorError
from af_lab.model.folder import ClusterFolder
from af_lab.model.job_request import described_request

__all__ = ["no_slot_matches"]

logger = logging.getLogger("af_lab.runner")


async def no_slot_matches(folder: ClusterFolder, owner: str, memory: int) -> bool | None:
    """Return whether no slot of the pool can ever run the worker jobs of a cluster.

    It fetches the ads of all slots, in a helper of its own: the schedd can be called meanwhile.

    Parameters
    ----------
    folder
        The cluster's folder.
    owner
        The owner of the jobs.
    memory
        Bytes that the jobs which wait ask for; more than they were submitted with if they outgrew it.

    Returns
    -------
    None if the pool does not answer, or has no slots at all: those of a collector that was restarted come back.
    """
    request = described_request(json.loads(folder.worker_description.read_text(encoding="utf-8")))
    request = replace(request, memory=max(memory, request.memory))
    connection = HelperConnection(config.seconds("condor.timeout"))
    try:
        slots = await Pool(connection, owner).match(request, {})
    except CondorError as error:
        logger.warning("the pool was not asked for slots that match: %s", error)
        return None
    finally:
        await asyncio.to_thread(connection.close)
    return not any(room_ever(slot, request) for slot in slots) if slots else None
