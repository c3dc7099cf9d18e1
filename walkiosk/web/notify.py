"""Tells systemd that the kiosk is there and well, by the protocol of sd_notify(3); without systemd, tells nobody."""

from __future__ import annotations

import os
import socket


def notify(state: str) -> bool:
    """Sends a state such as `READY=1` to who started us; False when nobody is there to be told."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    name = f"\0{address[1:]}" if address[0] == "@" else address  # @ stands for Linux's abstract names
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as telling:
            telling.connect(name)
            telling.sendall(state.encode())
    except OSError:
        return False
    return True


def watchdog_seconds() -> float | None:
    """How often systemd wants to hear from us, half of its WatchdogSec; None where it does not."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    mine = os.environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
    return int(microseconds) / 2e6 if microseconds.isdecimal() and int(microseconds) and mine else None
