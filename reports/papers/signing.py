"""Sign a finished PDF with the operator's certificate, when one is configured. A signature tells its time: no two are equal."""

import io

from django.conf import settings


class CannotSign(Exception):
    """The configured certificate can't be read; the message is for the operator."""


def is_configured() -> bool:
    return bool(settings.SIGNING_P12)


def sign(pdf: bytes) -> bytes:
    """The PDF with an invisible signature appended; raises CannotSign."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - only who signs pays for it
    from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf  # noqa: PLC0415

    signer = SimpleSigner.load_pkcs12(settings.SIGNING_P12, passphrase=settings.SIGNING_PASSWORD.encode() or None)
    if signer is None:
        raise CannotSign(f"{settings.SIGNING_P12} holds no certificate and key that the password opens")
    out = io.BytesIO()
    sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), PdfSignatureMetadata(field_name="Signature"), signer, output=out)
    return out.getvalue()
