"""The configuration of a personal pool."""

from __future__ import annotations

import os
from pathlib import Path

from af_lab.playground.installation import Installation
from af_lab.playground.sizing import PoolSize
from af_lab.pool_owner import owner_settings

__all__ = ["DOMAIN", "render"]

DOMAIN = "af-lab"
"""The user and file system domain of every personal pool; it needs no DNS."""

_TEMPLATE = """\
# Written by `af-lab pool start`; changes are lost at the next start.

RELEASE_DIR = {release_dir}
BIN = {bin}
SBIN = {sbin}
LIBEXEC = {libexec}
LIB = {lib}
SHARE = {share}

LOCAL_DIR = {folder}
LOCAL_CONFIG_FILE =
LOCAL_CONFIG_DIR =
LOG = $(LOCAL_DIR)/log
SPOOL = $(LOCAL_DIR)/spool
EXECUTE = $(LOCAL_DIR)/execute
LOCK = $(LOCAL_DIR)/lock
RUN = $(LOCAL_DIR)/run

DAEMON_LIST = MASTER COLLECTOR NEGOTIATOR SCHEDD STARTD
MASTER_ADDRESS_FILE = $(LOG)/.master_address
COLLECTOR_ADDRESS_FILE = $(LOG)/.collector_address
SCHEDD_ADDRESS_FILE = $(LOG)/.schedd_address
STARTD_ADDRESS_FILE = $(LOG)/.startd_address
NEGOTIATOR_ADDRESS_FILE = $(LOG)/.negotiator_address

# Only the loopback interface, and ports that the kernel chooses: pools do not disturb each other.
CONDOR_HOST = 127.0.0.1
COLLECTOR_HOST = 127.0.0.1:0
NETWORK_INTERFACE = 127.0.0.1
BIND_ALL_INTERFACES = False
NETWORK_HOSTNAME = localhost
USE_SHARED_PORT = False
UID_DOMAIN = {domain}
FILESYSTEM_DOMAIN = {domain}

# Access only for the user who started the pool.
SEC_DEFAULT_AUTHENTICATION = REQUIRED
SEC_DEFAULT_AUTHENTICATION_METHODS = FS
SEC_PASSWORD_DIRECTORY = $(LOCAL_DIR)/passwords.d
SEC_TOKEN_DIRECTORY = $(LOCAL_DIR)/tokens.d
SEC_TOKEN_SYSTEM_DIRECTORY = $(LOCAL_DIR)/tokens.d
SEC_TOKEN_POOL_SIGNING_KEY_FILE = $(LOCAL_DIR)/passwords.d/POOL
COLLECTOR_BOOTSTRAP_SSL_CERTIFICATE = False
ALLOW_READ = {user}@{domain}
ALLOW_WRITE = {user}@{domain}
ALLOW_DAEMON = {user}@{domain}
ALLOW_ADMINISTRATOR = {user}@{domain}
ALLOW_NEGOTIATOR = {user}@{domain}
ALLOW_ADVERTISE_MASTER = {user}@{domain}
ALLOW_ADVERTISE_SCHEDD = {user}@{domain}
ALLOW_ADVERTISE_STARTD = {user}@{domain}

# The owner's name, whatever /etc/passwd says later.
{owner}

# One partitionable slot.
NUM_CPUS = {cpus}
MEMORY = {memory_mb}
NUM_SLOTS = 1
NUM_SLOTS_TYPE_1 = 1
SLOT_TYPE_1 = 100%
SLOT_TYPE_1_PARTITIONABLE = True
STARTD_DETECT_GPUS = {detect_gpus}

# Jobs are matched within a second, and it is known when: a cluster says so.
NEGOTIATOR_INTERVAL = 1
NEGOTIATOR_MIN_INTERVAL = 0
NEGOTIATOR_CYCLE_DELAY = 0
NEGOTIATOR_UPDATE_AFTER_CYCLE = True
# Many jobs that match nothing do not keep the others from being offered.
USE_RESOURCE_REQUEST_COUNTS = False
SCHEDD_INTERVAL = 1
SCHEDD_MIN_INTERVAL = 0
UPDATE_INTERVAL = 3
POLLING_INTERVAL = 2
PERIODIC_EXPR_INTERVAL = 5
STARTER_UPDATE_INTERVAL = 5
STARTER_INITIAL_UPDATE_INTERVAL = 2
MASTER_UPDATE_INTERVAL = 10

# Jobs and daemons end soon after they are asked to; a daemon that dies is restarted soon.
MAXJOBRETIREMENTTIME = 0
MACHINEMAXVACATETIME = 10
KILLING_TIMEOUT = 5
SHUTDOWN_GRACEFUL_TIMEOUT = 20
SHUTDOWN_FAST_TIMEOUT = 10
MASTER_BACKOFF_CONSTANT = 1
MASTER_NEW_BINARY_RESTART = NEVER

# Features that need root or another machine, or that only delay the start.
HIBERNATE_CHECK_INTERVAL = 0
HIBERNATION_PLUGIN =
BASE_CGROUP =
DISCARD_SESSION_KEYRING_ON_STARTUP = False
ENABLE_KERNEL_TUNING = False
STARTD_ENFORCE_DISK_LIMITS = False
RUNBENCHMARKS = False
STARTD_RECOMPUTE_DISK_FREE = True
SINGULARITY =
DOCKER =
JAVA =
FILETRANSFER_PLUGINS = $(LIBEXEC)/curl_plugin
MAIL = /bin/true
"""


def render(installation: Installation, folder: Path, size: PoolSize, user: str) -> str:
    """Return the text of the pool's ``condor_config``."""
    return _TEMPLATE.format(
        release_dir=installation.release_dir,
        bin=installation.bin,
        sbin=installation.sbin,
        libexec=installation.libexec,
        lib=installation.lib,
        share=installation.share,
        folder=folder,
        domain=DOMAIN,
        user=user,
        owner=owner_settings(user, os.geteuid(), os.getegid()),
        cpus=size.cpus,
        memory_mb=size.memory // 2**20,
        # A search for GPUs on a machine without the driver takes time and finds nothing.
        detect_gpus="-properties" if Path("/dev/nvidiactl").exists() else "false",
    )
