import datetime
import io

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from reports.papers.pdf import render
from reports.papers.signing import CannotSign
from tests.reports.test_pdf import small

PASSWORD = "operator's own"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """(PKCS#12 file, certificate file) of an operator."""
    folder = tmp_path_factory.mktemp("certificate")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Operator")])
    now = datetime.datetime.now(datetime.UTC)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=30))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    stored = pkcs12.serialize_key_and_certificates(b"operator", key, made, None, BestAvailableEncryption(PASSWORD.encode()))
    (folder / "operator.p12").write_bytes(stored)
    (folder / "operator.pem").write_bytes(made.public_bytes(Encoding.PEM))
    return str(folder / "operator.p12"), str(folder / "operator.pem")


@pytest.fixture(scope="module")
def snapshot(snapshots):
    return small(snapshots["gbt36073-2025", "zh-hans"])


def test_without_a_certificate_nothing_is_signed(snapshot):
    assert b"/ByteRange" not in render([snapshot], variant="chief").content


def test_a_signed_report_validates(snapshot, certificate, settings):
    settings.SIGNING_P12, settings.SIGNING_PASSWORD = certificate[0], PASSWORD

    content = render([snapshot], variant="chief").content

    (signature,) = PdfFileReader(io.BytesIO(content)).embedded_signatures
    trusted = ValidationContext(trust_roots=[load_cert_from_pemder(certificate[1])])
    status = validate_pdf_signature(signature, trusted)
    assert status.intact
    assert status.valid
    assert status.trusted
    assert status.bottom_line


def test_a_wrong_password_says_so(snapshot, certificate, settings):
    settings.SIGNING_P12, settings.SIGNING_PASSWORD = certificate[0], "another"

    with pytest.raises(CannotSign, match="operator.p12"):
        render([snapshot], variant="chief")
