"""Edits of a store folder's files, with a journal and a way back."""

from walkiosk.store.editing.change import CannotUndo, Cells, Change, ChangedMeanwhile, NotEditable, words
from walkiosk.store.editing.editor import Editor
from walkiosk.store.editing.journal import Edit
from walkiosk.store.editing.removal import removal
from walkiosk.store.editing.setting_file import written

__all__ = [
    "CannotUndo",
    "Cells",
    "Change",
    "ChangedMeanwhile",
    "Edit",
    "Editor",
    "NotEditable",
    "removal",
    "words",
    "written",
]
