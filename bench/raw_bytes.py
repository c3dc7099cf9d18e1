"""What no client library sends to a web server: frames and requests that are broken, endless or out of bounds."""

from __future__ import annotations

import asyncio
import os
import struct
from contextlib import suppress

HELLO = (
    b"GET /kiosk HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
OPENED = HELLO + b"\r\n"
PATIENCE = 12.0  # seconds that something without an end is held open
TEXT, SOUND, CLOSE, PING, PONG, GOES_ON = 1, 2, 8, 9, 10, 0


def frame(
    opcode: int, data: bytes, is_last: bool = True, is_masked: bool = True, said_length: int | None = None
) -> bytes:
    """One frame of a client's, right or wrong."""
    length = len(data) if said_length is None else said_length
    head = bytes([opcode | (0x80 if is_last else 0)])
    mask = 0x80 if is_masked else 0
    if length < 126:
        head += bytes([mask | length])
    elif length < 1 << 16:
        head += bytes([mask | 126]) + struct.pack(">H", length)
    else:
        head += bytes([mask | 127]) + struct.pack(">Q", length)
    return head + (bytes(4) if is_masked else b"") + data  # a mask of zeros leaves the data as it is


def broken_frames() -> list[bytes]:
    """Sockets that break the protocol, each from its first byte."""
    said = b'{"kind": "wake"}'
    bodies = [
        frame(TEXT, said, is_masked=False),
        frame(TEXT, b"\xff\xfe\xfa"),
        frame(TEXT, b"\xed\xa0\x80"),
        frame(3, said),
        frame(GOES_ON, said),
        frame(TEXT, said, said_length=100),
        frame(TEXT, said, said_length=1 << 62),
        frame(TEXT, b"x" * 70_000, said_length=(1 << 20)),
        frame(TEXT, said[:4], False) + frame(GOES_ON, said[4:]),
        frame(TEXT, said[:4], False) + frame(PING, b"") + frame(GOES_ON, said[4:]),
        frame(TEXT, said, False) * 3,
        frame(TEXT, said[:4], False) + b"".join(frame(GOES_ON, b"", False) for _ in range(500)),
        frame(PING, b"a" * 126),
        frame(PING, b"a") * 2000,
        frame(PONG, b"a") * 2000,
        frame(CLOSE, b"\x03"),
        frame(CLOSE, struct.pack(">H", 999)),
        frame(CLOSE, struct.pack(">H", 1000) + b"\xff"),
        frame(CLOSE, b"") + frame(TEXT, said),
        frame(SOUND, bytes(3 << 20)),
        frame(TEXT, b"a" * (3 << 20)),
        bytes([0xF1, 0x80]) + bytes(4),
        os.urandom(400),
        said,
    ]
    heads = [
        HELLO + b"Origin: http://[\r\n\r\n",
        HELLO + b"Origin: null\r\n\r\n",
        HELLO + b"Origin: https://evil.example\r\n\r\n",
        HELLO + b"Sec-WebSocket-Protocol: soap, mqtt\r\n\r\n",
        HELLO + b"Sec-WebSocket-Extensions: permessage-deflate; x=\r\n\r\n",
        OPENED.replace(b"13", b"7"),
        OPENED.replace(b"dGhl", b"????"),
        OPENED.replace(b"/kiosk", b"/elsewhere"),
        OPENED.replace(b"GET", b"POST"),
        OPENED.replace(b"Version: 13", b"Version: 13, 8"),
    ]
    return [*(OPENED + body for body in bodies), *heads]


ROOTS = (
    "/", "/store/images/shoes.svg", "/static/js/main.js", "/shelf/en", "/tile/x", "/ground/x", "/healthz", "/metrics",
    "/jingle.wav", "/callbacks/stripe", "/kiosk", "/nothing",
)  # fmt: skip
ROOMS = ("store", "static", "tile", "ground", "shelf")
WAYS = (  # out of a room
    "../../../etc/passwd", "..%2f..%2fetc%2fpasswd", "%2e%2e/%2e%2e/store.toml", "....//....//x", "%00", "%ff%fe",
    "..\\..\\x", "%252e%252e%252f", "//etc/passwd", "a" * 8000, "%", "customers.csv", "\xe9",
)  # fmt: skip
STRIPE = "/callbacks/stripe"
NO_REQUESTS = (
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET /\r\n\r\n",
    b"\r\n" * 500,
    b"\x16\x03\x01\x02\x00\x01\x00",
    b"GET / HTTP/1.1\r\nHost: x\r\n folded: y\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n",
    b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 60,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)
ENDLESS = (
    b"GET / HT",
    b"GET / HTTP/1.1\r\nHost: x\r\nX-",
    b"POST /callbacks/stripe HTTP/1.1\r\nContent-Length: 90\r\nHost: x\r\n\r\nslow",
)


def raw_requests() -> list[bytes]:
    """Requests that are malformed, too large, without an end, or reach for what is not theirs."""
    found = [*_reaching(), *_heads(), *_bodies(), *NO_REQUESTS, os.urandom(800)]
    return found * 2 + list(ENDLESS)  # what has no end takes its time: there is less of it


def _request(path: str, *headers: str, method: str = "GET", body: bytes = b"") -> bytes:
    head = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers])
    return f"{head}\r\nConnection: close\r\n\r\n".encode("latin-1", "replace") + body


def _reaching() -> list[bytes]:
    methods = ("POST", "PUT", "DELETE", "TRACE", "HEAD", "B@D")
    found = [_request(f"/{room}/{way}") for room in ROOMS for way in WAYS]
    found += [_request(root, method=method) for root in ROOTS for method in methods]
    return [*found, _request(f"/?{'a=b&' * 2000}"), _request("http://evil.example/"), _request("*", method="OPTIONS")]


def _heads() -> list[bytes]:
    ranges = ("bytes=-1", "bytes=9-1", "bytes=0-1,2-3," * 60, "bytes=99999999999999999999-", "bytes=a", "lines=1-2")
    hosts = ("evil.example", "", "[::1", "a" * 3000, "127.0.0.1:99999999")
    found = [_request(root, f"Range: {each}") for root in ROOTS[1:3] for each in ranges]
    found += [_request("/", f"Host: {host}") for host in hosts]
    long = ([f"X-{n}: {'y' * 50}" for n in range(100)], [f"Cookie: {'c' * 60_000}"], ["A" * 60_000 + ": b"])
    return [*found, _request("/", "Expect: 100-continue"), *(_request("/", *headers) for headers in long)]


def _bodies() -> list[bytes]:
    """Callbacks of the payment provider that it did not send."""

    def told(body: bytes, *headers: str) -> bytes:
        return _request(STRIPE, *headers, method="POST", body=body)

    kinds = ("application/json", "text/xml", "multipart/form-data; boundary=", "\xff")
    signed = ("Stripe-Signature: t=1,v1=00", "Content-Length: 9")
    chunked = "Transfer-Encoding: chunked"
    return [
        *(told(b'{"a": [1]', f"Content-Type: {kind}", *signed) for kind in kinds),
        told(bytes(3_000_000), "Content-Length: 3000000"),
        told(b"", "Content-Length: -1"),
        told(b"hello", "Content-Length: 5, 6"),
        told(b"5\r\nhello\r\n0\r\n\r\n", chunked),
        told(b"fffffffffffffffff\r\nhello", chunked),
        told(b"0\r\n\r\nGET / HTTP/1.1\r\n\r\n", chunked, "Content-Length: 5"),
    ]


async def send_raw(port: int, data: bytes) -> None:
    """Sends these bytes, takes what comes until the other side ends or nothing comes any more, and leaves."""
    with suppress(OSError, TimeoutError):
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(data)
                await writer.drain()
                if data.startswith(OPENED):
                    with suppress(TimeoutError):
                        async with asyncio.timeout(1.0):  # what was opened well stays open
                            await reader.read(-1)
                else:
                    await reader.read(-1)
            finally:
                writer.transport.abort()
