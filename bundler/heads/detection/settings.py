"""The keys of detections."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from bundler.ground import table
from bundler.ground.table import GRAPH, LINES, PAGE, Threshold

Name = Literal[
    "blazeface", "boxes", "centernet", "end2end", "movenet", "ssd", "tensorflow", "yolo"
]  # fmt: skip
# y and x are a corner's, cy and cx the middle's; h and w are the sides.
Box = Literal["yxyx", "xyxy", "xywh", "cxcywh", "cycxhw"]
Corners = tuple[float, float, float, float]
Share = Annotated[float, Field(ge=0, le=1)]


class Settings(table.Settings):
    """What the tensors hold, which boxes stay, and what they are called."""

    format: Annotated[Name | None, GRAPH] = Field(
        None, description="what the tensors hold, as this network or library has it"
    )
    labels: Annotated[list[str] | str | None, LINES] = Field(
        None, description="names, or a file with one a line", examples=["labels.txt"]
    )
    threshold: Threshold = Field(
        None, ge=0, le=1, description="from which score on a box is shown; the slider begins there"
    )
    least: Annotated[Share | None, GRAPH] = Field(
        None, description="the score below which a box is no answer"
    )
    overlap: Annotated[Share | None, GRAPH] = Field(
        None,
        description="how far two boxes of a class may cover each other: what both share, over "
        "what either covers",
    )
    most: Annotated[int | None, GRAPH] = Field(
        None, gt=0, le=1000, description="how many boxes there are at most"
    )
    box: Annotated[Box | None, GRAPH] = Field(
        None, description="the four numbers of a box: its corners, or a corner or middle and sides"
    )
    units: Annotated[Literal["relative", "pixels", "cells"] | None, GRAPH] = Field(
        None, description="what they count: shares of the picture, its pixels, cells of the grid"
    )
    scores: Annotated[Literal["probabilities", "logits"] | None, GRAPH] = Field(
        None, description="what the model gives, where its last layer does not say"
    )
    objectness: Annotated[bool | None, GRAPH] = Field(
        None, description="whether a number before the classes says that there is anything"
    )
    background: Annotated[bool | None, GRAPH] = Field(
        None, description="whether the first class is that there is nothing"
    )
    first_class: Annotated[int | None, GRAPH] = Field(
        None, ge=0, description="the number of the first class"
    )
    strides: Annotated[list[Annotated[int, Field(gt=0)]] | None, GRAPH] = Field(
        None, description="pixels between the cells of each grid", examples=[[8, 16, 32]]
    )
    anchors: Annotated[list[Corners] | None, GRAPH] = Field(
        None,
        description="the boxes that the model's are told by: middle and sides, as `box` has them",
        examples=[[[0.5, 0.5, 0.2, 0.2]]],
    )
    keypoints: Annotated[list[str] | int | None, GRAPH] = Field(
        None, description="what the points of a box are called, or how many there are"
    )
    skeleton: Annotated[list[tuple[int, int]] | None, PAGE] = Field(
        None, description="which two points a line joins, counted from 0", examples=[[[5, 7]]]
    )

    @property
    def traced(self) -> dict[str, Any]:
        return {
            **self.model_dump(mode="json", exclude={"labels", "threshold", "skeleton"}),
            "classes": len(self.labels or ()),
            "keypoints": len(self.names_of_points),
        }

    @property
    def names_of_points(self) -> list[str]:
        """What the points are called; numbers where nobody says."""
        if isinstance(self.keypoints, int):
            return [str(number + 1) for number in range(self.keypoints)]
        return self.keypoints or []


class Settled(Settings):
    """Completed from the tensors; `sides` are the height and width of the model's picture."""

    sides: tuple[int, int] | None = None
