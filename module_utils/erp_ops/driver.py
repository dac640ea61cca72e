# SPDX-License-Identifier: GPL-3.0-or-later
"""psycopg2, or one sentence that says it is missing.

Every file that talks to PostgreSQL takes psycopg2 from here, so that importing the toolkit on a host without it works
and the operator is told what to install, instead of being shown a traceback.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from .errors import OperatorError

_MISSING: ImportError | None = None
if TYPE_CHECKING:
    import psycopg2 as psycopg2  # noqa: PLC0414 - offered to the other files
    from psycopg2 import sql as sql  # noqa: PLC0414
else:
    try:
        import psycopg2
        from psycopg2 import sql
    except ImportError as error:
        _MISSING = error
        psycopg2 = sql = None


def require_driver() -> None:
    """Raise an OperatorError when psycopg2 cannot be imported by the running interpreter."""
    if _MISSING is not None:
        raise OperatorError(
            "cannot talk to PostgreSQL",
            f"the Python library psycopg2 cannot be imported by {sys.executable} ({_MISSING})",
            "Install it there: apt-get install python3-psycopg2, or pip install psycopg2-binary",
        )
