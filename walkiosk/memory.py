"""How a long-lived process keeps its memory: what a burst of work needed goes back to the system when it is over."""

import ctypes
import sys

ARENAS = 2
M_ARENA_MAX = -8  # mallopt(3)


def bound_arenas() -> None:
    """Let glibc's malloc keep no more than `ARENAS` heaps; with some for each of 70 threads it keeps twice the memory.

    To be called before there are threads. Other C libraries have no such heaps and no such call.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS)
