"""The helper process: the one place that calls HTCondor's bindings.

HTCondor's bindings hold the interpreter lock for the whole of a call, so a process with an event loop must not
call them itself. It starts ``python -P -m af_lab.condor.helper`` instead and exchanges one line of JSON per call
over the helper's standard input and output, one call at a time (`af_lab.condor.helper_connection` is the other end).

A request is ``{"method": "query", "params": {...}}``; the answer ``{"result": ...}`` or
``{"error": {"kind": "...", "message": "...", ...}}``, with one of the kinds that `kind_of` returns, or ``missing`` for
the bindings themselves, and what `Calls.circumstances` returns.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from af_lab.condor.matching import PROJECTION, WHOLE_SLOTS, Matching
from af_lab.condor.slots import SlotMatch
from af_lab.condor_versions import work_together

PR_SET_PDEATHSIG = 1

# Messages of the bindings when they know no daemon.
NOBODY_HERE = ("unable to locate local daemon", "unable to determine collector host")
# Messages when a daemon does not answer; every other message is a refusal by a daemon that does.
NOBODY_ANSWERS = (
    "unable to locate",
    "failed to connect",
    "failed communication",
    "failed to fetch ads",
    "communication error",
    "timed out",
    "failed to query",
    "can't find address",
)

# Messages when a daemon does not accept who the user is.
NOT_ACCEPTED = ("authenticate:", "no auth methods", 'received "denied"')

# Settings that say where the daemons are.
PLACES = ("COLLECTOR_HOST", "SCHEDD_HOST")
# Settings with the files in which the daemons of this machine write their address and their version.
ADDRESS_FILES = ("SCHEDD_ADDRESS_FILE", "COLLECTOR_ADDRESS_FILE")
VERSION = re.compile(r"\$CondorVersion: (\d+\.\d+\.\d+)")


class Calls:
    """The calls that a parent may make, each of which locates its daemon again (it may have moved).

    Parameters
    ----------
    schedd
        The name of the schedd; "" for the one that HTCondor's configuration names: SCHEDD_HOST, or this machine's.
    """

    def __init__(self, schedd: str = "") -> None:
        import classad2
        import htcondor2

        self._condor = htcondor2
        self._classad = classad2
        self._schedd_name = schedd
        self._look: int | None = None
        self._seen: list[Any] = []

    def submit(self, description: dict[str, str], count: int) -> dict[str, int]:
        """Submit `count` jobs of one description; returns the first job's id and the number of jobs."""
        submit = self._condor.Submit(description)
        if (version_in(self._condor.version()) or "").startswith("24.0."):
            # These fail with less than two characters ("string index out of range").
            submit.setQArgs(f"{count:02}")
        result = self._schedd().submit(submit, count=count)
        return {"cluster": result.cluster(), "proc": result.first_proc(), "count": result.num_procs()}

    def query(self, constraint: str, projection: list[str], limit: int) -> list[dict[str, Any]]:
        """Return the job ads that a constraint selects."""
        ads = self._schedd().query(constraint, projection, limit=limit)
        return [self._plain(ad) for ad in ads]

    def summary(self, constraint: str) -> dict[str, int]:
        """Count the jobs that a constraint selects, and those of all users, by their status."""
        (ad,) = self._schedd().query(constraint, [], opts=self._condor.QueryOpt.SummaryOnly)
        return {name: value for name, value in self._plain(ad).items() if isinstance(value, int)}

    def edit(self, constraint: str, attributes: dict[str, str]) -> int:
        """Set attributes to ClassAd expressions, in the order given; returns how many jobs were changed."""
        with self._with_reason():
            schedd = self._schedd()
            return min(int(schedd.edit(constraint, name, value)) for name, value in attributes.items())

    def act(self, action: str, constraint: str, reason: str) -> int:
        """Remove, hold or release jobs; returns how many were changed."""
        verb = getattr(self._condor.JobAction, action)
        # A pair, because the bindings drop a reason without a code.
        with self._with_reason():
            return int(self._schedd().act(verb, constraint, (reason, 0))["TotalSuccess"])

    @contextlib.contextmanager
    def _with_reason(self) -> Iterator[None]:
        """Raise a query's error instead of that of a call which drops the reason: the schedd may have died in it."""
        try:
            yield
        except self._condor.HTCondorException:
            self._schedd().query("false", ["ClusterId"], limit=1)
            raise

    def slots(self, job: dict[str, str] | None, sites: dict[str, str], look: int | None = None) -> list[SlotMatch]:
        """Match a job's ad with every slot of the pool, or describe the slots alone; see `SlotMatch`.

        Calls with the same `look` share one query of the collector.
        """
        matching = Matching(self._classad, job, sites)
        if look is not None:
            if self._look != look:
                self._look, self._seen = look, self._query_slots([])
            return [matching.describe(ad) for ad in self._seen]
        # A slot's policy may use any attribute of the slot.
        return [
            matching.describe(ad)
            for ad in self._query_slots([*PROJECTION, *matching.references()] if job is None else [])
        ]

    def forget_slots(self) -> None:
        """Drop the slots that the last look found."""
        self._look, self._seen = None, []

    def _query_slots(self, projection: list[str]) -> list[Any]:
        ads: list[Any] = self._condor.Collector().query(self._condor.AdType.Startd, WHOLE_SLOTS, projection)
        return ads

    def pool_ads(self, kind: str, constraint: str, projection: list[str]) -> list[dict[str, Any]]:
        """Return the collector's ads of one kind, which is a name in the bindings' `AdType`."""
        ads = self._condor.Collector().query(getattr(self._condor.AdType, kind), constraint, projection)
        return [self._plain(ad) for ad in ads]

    def parameters(self, names: list[str]) -> dict[str, str | None]:
        """Return settings of the local HTCondor configuration, as text."""
        found = ((name, self._condor.param.get(name)) for name in names)
        return {name: None if value is None else str(value) for name, value in found}

    def schedds(self) -> dict[str, Any]:
        """Return the name of the schedd that is called, and the names of all on its machine."""
        used, machines = str(self._location()["Name"]), self._machines()
        return {"used": used, "here": sorted(name for name in machines if machines[name] == machines.get(used))}

    def _machines(self) -> dict[str, str]:
        """Return the machine of each schedd in the pool."""
        ads = self._condor.Collector().query(self._condor.AdType.Schedd, "true", ["Name", "Machine"])
        return {str(ad["Name"]): str(ad.get("Machine")) for ad in ads}

    def _location(self) -> Any:
        """Return where the schedd is; raises the bindings' error if it is not known."""
        collector, kind = self._condor.Collector(), self._condor.DaemonType.Schedd
        if not self._schedd_name:
            return collector.locate(kind)
        # Found without the collector if it is the one that the configuration names.
        with contextlib.suppress(self._condor.HTCondorException):
            location = collector.locate(kind)
            if location.get("Name") == self._schedd_name:
                return location
        location = collector.locate(kind, self._schedd_name)
        if location is None:
            raise RuntimeError(f"unable to locate the schedd {self._schedd_name}")
        return location

    def _schedd(self) -> Any:
        return self._condor.Schedd(self._location())

    def kind_of(self, message: str) -> str:
        """Return the kind of an error, from the bindings' message and the configuration."""
        kind = kind_of(message, self.parameters(list(PLACES)), self.versions())
        if kind == "unconfigured":
            # A pool may be configured by the next call, but the bindings read the configuration only once.
            # Each time they find none, they print a long complaint.
            with quiet():
                self._condor.reload_config()
        return kind

    def circumstances(self, kind: str) -> dict[str, Any]:
        """Return what a message about an error of a kind may name: versions, SCHEDD_HOST, the pool's schedds."""
        found: dict[str, Any] = {"versions": self.versions(), **self.parameters(["SCHEDD_HOST"])}
        if kind in ("stopped", "unknown_schedd"):
            # A pool that does not answer either has no schedds to choose from.
            with contextlib.suppress(self._condor.HTCondorException):
                found["schedds"] = sorted(self._machines())
        return found

    def versions(self) -> dict[str, str | None]:
        """Return the versions of the bindings, and of the daemons on this machine; None if there are none."""
        files = self.parameters(list(ADDRESS_FILES)).values()
        found = (version_in(_text(Path(file))) for file in files if file)
        return {"bindings": version_in(self._condor.version()), "daemons": next(filter(None, found), None)}

    def _plain(self, ad: Any) -> dict[str, Any]:
        return {name: self._value(ad, name) for name in ad}

    def _value(self, ad: Any, name: str) -> Any:
        value = ad.get(name)
        if isinstance(value, self._classad.ExprTree):
            value = ad.eval(name)
        if isinstance(value, self._classad.Value):
            return None
        if value is None or isinstance(value, bool | int | float | str):
            return value
        return str(value)


def serve(requests: IO[str], answers: IO[str], schedd: str = "") -> None:
    """Answer requests until the input ends; see `Calls` for the schedd."""
    calls: Calls | None = None
    for line in requests:
        request = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            if calls is None:
                calls = Calls(schedd)
            method: Callable[..., Any] = getattr(calls, request["method"])
            answer["result"] = method(**request["params"])
        except ImportError as error:
            answer["error"] = {"kind": "missing", "message": str(error)}
        except Exception as error:  # every error of the bindings is for the caller
            kind = calls.kind_of(str(error)) if calls else "refused"
            answer["error"] = {"kind": kind, "message": str(error) or repr(error)}
            if calls:
                answer["error"] |= calls.circumstances(kind)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def kind_of(message: str, places: Mapping[str, str | None], versions: Mapping[str, str | None]) -> str:
    """Return the kind of an error.

    Parameters
    ----------
    message
        What the bindings say.
    places
        The settings `PLACES`.
    versions
        What `Calls.versions` returns.

    Returns
    -------
    ``unconfigured``: no pool is known; ``stopped``: the schedd of this machine has not been started;
    ``unknown_schedd``: the pool does not know the schedd that SCHEDD_HOST names, or does not answer; ``mismatched``:
    the bindings cannot work with the daemons of this machine; ``unauthenticated``: a daemon does not accept who the
    user is; ``unavailable``: a daemon does not answer; ``refused``: a daemon answers, but refuses.
    """
    said = message.lower()
    if any(words in said for words in NOBODY_HERE):
        if places["COLLECTOR_HOST"] is None:
            return "unconfigured"
        # The collector knows where a remote schedd is; the local schedd writes its address to a file.
        return "stopped" if places["SCHEDD_HOST"] is None else "unknown_schedd"
    # Most messages of the bindings do not say that the authentication failed.
    if (daemons := versions.get("daemons")) and not work_together(daemons, versions.get("bindings")):
        return "mismatched"
    if any(words in said for words in NOT_ACCEPTED):
        return "unauthenticated"
    return "unavailable" if any(words in said for words in NOBODY_ANSWERS) else "refused"


def version_in(text: str) -> str | None:
    """Return the version of HTCondor in a text as ``$CondorVersion: 25.14.1 ... $``; None if it has none."""
    found = VERSION.search(text)
    return found and found[1]


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Discard what a library writes to the standard error."""
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def die_with(parent: int) -> None:
    """Make the kernel end this process when the thread that started it ends; exit at once if it has ended already."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(0)


def main() -> NoReturn:
    """Serve the parent.

    The arguments are its process id, the descriptor for the answers, and the name of the schedd, which a parent of an
    earlier version does not give.
    """
    die_with(int(sys.argv[1]))
    # An interrupt of a notebook or a terminal program reaches its whole process group.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(BrokenPipeError), os.fdopen(int(sys.argv[2]), "w", encoding="utf-8") as answers:
        serve(sys.stdin, answers, *sys.argv[3:4])
    sys.exit(0)


if __name__ == "__main__":
    main()
