from __future__ import annotations

from af_lab.condor.description import string, text
from af_lab.condor.slots import Request
from af_lab.model.job_request import described_request


def test_what_a_job_asks_for_is_read_from_its_description() -> None:
    requirements = 'regexp("^wn[0-9]+$", TARGET.Machine)'
    description = {
        "universe": "vanilla",
        "request_cpus": "2",
        "request_memory": "1908",
        "request_disk": "976563",
        "request_gpus": "1",
        "Requirements": text(requirements),
        "My.AfLabSchema": "3",
        "MY.Group": string("cms$higgs"),
        "My.AfLabSite": '"$$([ifThenElse(true, "a", "b")])"',
    }
    assert described_request(description) == Request(
        cpus=2,
        memory=1908 * 2**20,
        disk=976563 * 2**10,
        gpus=1,
        requirements=requirements,
        attributes={"AfLabSchema": "3", "Group": '"cms$higgs"'},
    )
