"""How many heaps the C library keeps for a process with many threads."""

import subprocess
import sys

import pytest

from walkiosk.memory import ARENAS

HEAPS = """
import ctypes, threading
{first}
libc, all_there = ctypes.CDLL(None), threading.Barrier(12)
libc.malloc.restype = ctypes.c_void_p

def use():
    all_there.wait()
    libc.malloc(1000)
    all_there.wait()

threads = [threading.Thread(target=use) for _ in range(12)]
for thread in threads: thread.start()
for thread in threads: thread.join()
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


def heaps(first: str) -> int:
    run = subprocess.run([sys.executable, "-c", HEAPS.format(first=first)], capture_output=True, text=True, check=True)
    return run.stdout.count("<heap nr=")


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's malloc is Linux's")
def test_threads_share_few_heaps() -> None:
    assert heaps("") > ARENAS
    assert 1 <= heaps("from walkiosk.memory import bound_arenas; bound_arenas()") <= ARENAS
