"""What the attract screen shows of the kiosk's own making: the list of it, and its pictures, sounds and films."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from fastapi import APIRouter, HTTPException
from fastapi.responses import FileResponse

from walkiosk.store.works import FOLDER, FORMS, Work, Works, read_works

SERVED = ("image", "audio", "video")  # kinds that are files to a page; texts and trends stand in the list
Stamp = tuple[tuple[str, int, int, int], ...]  # of each file its name, mode, bytes and time of change
log = logging.getLogger(__name__)


class Gallery:
    """The works in a store's folder as they lie there now; looked at anew when a file has changed."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._stamp: Stamp | None = None
        self._works = Works()

    def works(self) -> tuple[Work, ...]:
        """What can be shown. What is wrong with other files is logged once: the operator's, as of `store check`."""
        stamp = self._changed()
        if stamp != self._stamp:
            works = read_works(self._store)
            for problem in works.problems:
                log.warning("not shown: %s", problem)
            self._works, self._stamp = works, stamp
        return self._works.shown

    def file(self, name: str) -> tuple[Path, str] | None:
        """Where a work's file lies, and its media type; None for a name that is none of the list's."""
        work = next((work for work in self.works() if work.file == name and work.kind in SERVED), None)
        if work is None:  # looked at no further: it may be none that a file can have
            return None
        path = self._store / FOLDER / work.file
        return path, FORMS[path.suffix.lower()].media_type

    def _changed(self) -> Stamp:
        place = self._store / FOLDER
        try:
            told = [(entry.name, entry.stat(follow_symlinks=False)) for entry in os.scandir(place)]
            told.append(("", place.lstat()))
        except OSError:  # not there, or what `read_works` says of it
            return ()
        return tuple(sorted((name, now.st_mode, now.st_size, now.st_mtime_ns) for name, now in told))


def router(store: Path) -> APIRouter:
    """`/attract` has the list, `/attract/NAME` the file of a picture, a sound or a film."""
    gallery, routes = Gallery(store), APIRouter()

    @routes.get("/attract")
    def works() -> tuple[Work, ...]:  # in a thread: it opens files
        return gallery.works()

    @routes.get("/attract/{name}")
    def file(name: str) -> FileResponse:
        found = gallery.file(name)
        if found is None:
            raise HTTPException(404, "the attract screen shows no such file")
        path, media_type = found
        return FileResponse(path, media_type=media_type)

    return routes
