"""The one import engine: staging, mapping, guard, error grid, undo. Apps register their kinds."""

from .registry import Column, Kind, kind_of, kinds, register

__all__ = ["Column", "Kind", "kind_of", "kinds", "register"]
