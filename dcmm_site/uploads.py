from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler


class BoundedUploadHandler(FileUploadHandler):
    """Stands before the handlers that keep an upload: what exceeds the largest file allowed is read and thrown away, so no
    upload fills the disk. At least one byte too many is let through; the form sees a file that is too large and says so."""

    def receive_data_chunk(self, raw_data, start):
        return raw_data if start <= settings.EVIDENCE_MAX_BYTES else None

    def file_complete(self, file_size):
        return None
