"""openpyxl without numpy: import it from here, never directly.

It takes numpy along wherever that is installed, only to know numpy's kinds of numbers. What people upload holds none of
them, and each process of the web would pay for it in memory and at its start.
"""

import sys

_is_here = "numpy" in sys.modules
if not _is_here:
    sys.modules["numpy"] = None  # an import of it fails, as where it is not installed
try:
    import openpyxl as openpyxl
finally:
    if not _is_here:
        del sys.modules["numpy"]
