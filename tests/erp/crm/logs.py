"""How the log files are written."""

from logging import LogRecord
from logging.handlers import WatchedFileHandler


class LogFile(WatchedFileHandler):
    """A log file whose disk may be full.

    Python's own handler looks for a rotated file outside the part in which it forgives errors,
    and a line that could not be written would end the process.
    """

    def emit(self, record: LogRecord) -> None:
        try:
            super().emit(record)
        except OSError:
            self.handleError(record)
