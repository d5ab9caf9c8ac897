"""The secrets of one cluster: certificates for scheduler, workers and clients, and the key to its HTTP side."""

from __future__ import annotations

import datetime
import secrets
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

__all__ = ["Credentials", "make_credentials"]

LIFETIME = datetime.timedelta(days=365)
# Clocks of execution points are not always right: a certificate valid from this very second breaks workers.
CLOCK_SKEW = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Credentials:
    """Everything secret about a cluster, made once, at its creation.

    Attributes
    ----------
    authority
        Certificate of the cluster's own authority (PEM). Its key is not kept, so no other member can be signed.
    scheduler
        Certificate and key of the scheduler and of its clients (PEM).
    worker
        Certificate and key of the workers (PEM). Dask's protocol has no roles: this certificate gives the same
        access to the scheduler as a client's, so its holder can run code as the owner. It cannot sign others.
    http_secret
        The secret that a request to the scheduler's HTTP side has to carry in a header.
    """

    # Not part of the repr, which logs and tracebacks show.
    authority: bytes = field(repr=False)
    scheduler: bytes = field(repr=False)
    worker: bytes = field(repr=False)
    http_secret: str = field(repr=False)


def make_credentials(cluster_name: str) -> Credentials:
    """Make the secrets of a new cluster."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = _name(f"af_lab cluster {cluster_name}")
    authority = (
        _certificate(name, name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return Credentials(
        authority=authority.public_bytes(serialization.Encoding.PEM),
        scheduler=_member("scheduler", name, key),
        worker=_member("worker", name, key),
        http_secret=secrets.token_urlsafe(32),
    )


def _member(role: str, issuer: x509.Name, authority_key: ec.EllipticCurvePrivateKey) -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    # Each member listens as well as connects.
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        _certificate(_name(f"af_lab {role}"), issuer, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=False)
        .sign(authority_key, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _certificate(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    # X.509 allows 64 characters.
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])
