"""The shop's facts and money; imports no model."""

from walkiosk.store.folder import check_folder, read_folder
from walkiosk.store.sheet import FolderError, Problem
from walkiosk.store.store import NoShop, Store

__all__ = ["FolderError", "NoShop", "Problem", "Store", "check_folder", "read_folder"]
