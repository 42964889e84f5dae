"""Static files that do not stand in static/: packages of node_modules, bundles of bare imports, our CSS in one file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

# What the browser may ask for, by package: files and folders below it. Nothing else of node_modules is served.
PACKAGES: dict[str, tuple[str, ...]] = {
    "@tabler/core": ("dist/css/tabler.min.css", "dist/js/tabler.min.js"),
    "echarts": ("dist/echarts.common.min.js", "dist/echarts.esm.min.mjs", "dist/echarts.min.js"),
    "idb": ("build",),
    "pdfjs-dist": (
        "build/pdf.min.mjs",
        "build/pdf.worker.min.mjs",
        "cmaps",
        "standard_fonts",
        "wasm",
        "web/pdf_viewer.css",
    ),
}
SERVED = {".css", ".js", ".mjs", ".svg", ".wasm", ".bcmap", ".pfb", ".ttf"}


class VendorFinder(BaseFinder):
    """Serve `vendor/<package>/…` from node_modules and `vendor/<name>.js` from the bundles in var/vendor."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_older: object) -> Any:
        for served, place in _vendor_files():
            if served == path:
                return [str(place)] if find_all else str(place)
        return []

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        for served, place in _vendor_files():
            above = str(place)[: -len(served.removeprefix("vendor/"))]
            storage = FileSystemStorage(location=above)
            storage.prefix = "vendor"  # type: ignore[attr-defined]
            yield served.removeprefix("vendor/"), storage


class StylesheetFinder(BaseFinder):
    """Serve `css/pharmacrm.css`: tokens, base, then one file a component, in one request."""

    served = "css/pharmacrm.css"

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **_older: object) -> Any:
        if path != self.served:
            return []
        place = str(_stylesheet())
        return [place] if find_all else place

    def list(self, ignore_patterns: Any) -> Iterator[tuple[str, FileSystemStorage]]:
        place = _stylesheet()
        yield self.served, FileSystemStorage(location=str(place)[: -len(self.served)])


def _vendor_files() -> Iterator[tuple[str, Path]]:
    for package, allowed in PACKAGES.items():
        root = settings.NODE_MODULES / package
        for name in allowed:
            place = root / name
            for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
                if file.suffix in SERVED and file.is_file():
                    yield f"vendor/{package}/{file.relative_to(root).as_posix()}", file
    for file in sorted(settings.VENDOR_BUNDLES.glob("*.js")):
        yield f"vendor/{file.name}", file


def _stylesheet() -> Path:
    css = settings.BASE_DIR / "static" / "css"
    parts = [css / "tokens.css", css / "base.css", *sorted((css / "components").glob("*.css"))]
    whole = "\n".join(part.read_text("utf-8") for part in parts)
    place: Path = settings.HOME / "built" / StylesheetFinder.served
    if not place.exists() or place.read_text("utf-8") != whole:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh = place.with_suffix(f".{os.getpid()}")
        fresh.write_text(whole, "utf-8")
        fresh.replace(place)
    return place
