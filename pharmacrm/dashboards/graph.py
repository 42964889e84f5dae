"""A doctor's relations as a drawing made by the server: places of names around a circle, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from doctors.selectors import Relation

WIDTH, HEIGHT = 640, 400
ACROSS, DOWN = 210, 150


@dataclass(frozen=True)
class Node:
    """One name with its place; `anchor` keeps the words inside the drawing."""

    relation: Relation
    x: int
    y: int
    text_x: int
    text_y: int
    anchor: str

    @property
    def href(self) -> str:
        return f"/boards/doctors/{self.relation.id}/"


@dataclass(frozen=True)
class Drawing:
    """The whole drawing: the doctor in the middle."""

    nodes: list[Node]
    width: int = WIDTH
    height: int = HEIGHT

    @property
    def middle_x(self) -> int:
        return self.width // 2

    @property
    def middle_y(self) -> int:
        return self.height // 2


def drawing_of(relations: Sequence[Relation]) -> Drawing:
    """Return where each relation stands: evenly around, in the order of the table beside it."""
    nodes = []
    for place, relation in enumerate(relations):
        angle = 2 * math.pi * place / max(len(relations), 1) - math.pi / 2
        x = round(WIDTH / 2 + ACROSS * math.cos(angle))
        y = round(HEIGHT / 2 + DOWN * math.sin(angle))
        side = math.cos(angle)
        anchor = "start" if side > 0.2 else "end" if side < -0.2 else "middle"
        shift = {"start": 12, "end": -12, "middle": 0}[anchor]
        lift = 4 if anchor != "middle" else (-14 if y < HEIGHT / 2 else 22)
        nodes.append(Node(relation, x, y, x + shift, y + lift, anchor))
    return Drawing(nodes)
