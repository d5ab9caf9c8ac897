"""The credentials of a cluster."""

from __future__ import annotations

import datetime

from cryptography import x509

from af_lab.model.credentials import make_credentials


def test_certificates_bear_clocks_that_are_slow() -> None:
    credentials = make_credentials("x" * 63)
    for pem in (credentials.authority, credentials.scheduler, credentials.worker):
        certificate = x509.load_pem_x509_certificate(pem)
        now = datetime.datetime.now(datetime.UTC)
        assert certificate.not_valid_before_utc < now - datetime.timedelta(hours=23)
        assert certificate.not_valid_after_utc > now + datetime.timedelta(days=300)


def test_nobody_can_sign_another_member() -> None:
    credentials = make_credentials("x")
    assert b"PRIVATE KEY" not in credentials.authority
    assert make_credentials("x").http_secret != credentials.http_secret
