"""What a child process that decodes hostile files gives up of the machine: time, memory, files."""

import resource
import signal

# Address space. Measured for 4096 x 4096 pixels: H.265 of 10 bits 0.64 GB, of 10 bits in 4:4:4 0.97 GB.
LOOK_MEMORY_BYTES = 1536 * 1024**2
MAX_OPEN_FILES = 64


def limit_oneself(
    seconds: int, *, memory_bytes: int = LOOK_MEMORY_BYTES, file_bytes: int = 0, cores: int = 1
) -> None:
    """Give up what the work does not need, before the first byte of a file is read.

    `seconds` by the clock, and as many on each of `cores` by the processor; no file may be written beyond
    `file_bytes`.
    """
    # An own clock too: it ends this process even when the one that started it was killed.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds + 1)
    _limit(resource.RLIMIT_CPU, seconds * cores, grace=1)
    _limit(resource.RLIMIT_AS, memory_bytes)
    _limit(resource.RLIMIT_FSIZE, file_bytes)
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NOFILE, MAX_OPEN_FILES)


def _limit(what: int, most: int, *, grace: int = 0) -> None:
    """Lower one limit for good. With `grace`, the signal that names the limit comes before the plain kill."""
    _, hard = resource.getrlimit(what)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard - grace)
    resource.setrlimit(what, (most, most + grace))
