"""GeoJSON: a row a feature, with its properties and where its point lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..reading import Doubt
from .loaded import named

__all__ = ["features_of", "flattened", "geometry_arguments", "geometry_doubts"]

_KNOWN = {"type", "id", "properties", "geometry", "bbox"}
_COORDINATES = ("longitude", "latitude", "z")


def features_of(document: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - any parsed JSON
    """The features of a collection, or of a list of them; empty: it is none."""
    features = document
    if isinstance(document, dict):
        if document.get("type") != "FeatureCollection":
            return []
        features = document.get("features")
    if not isinstance(features, list) or not features:
        return []
    return features if all(map(_is_feature, features)) else []


def geometry_arguments(features: list[dict[str, Any]]) -> tuple[tuple[str, Any], ...]:
    """The columns of the features that are no properties, and their names."""
    taken = {key for feature in features for key in feature["properties"] or {}}
    names: dict[str, str] = {}
    if any(feature.get("id") is not None for feature in features):
        names["id"] = "id"
    kinds = {_kind(feature) for feature in features}
    points_only = kinds == {"Point"}
    if not points_only:
        names["type"] = "geometry.type"
    if "Point" in kinds:
        shared = min(len(point) for point in _points(features))
        count = len(_COORDINATES) if points_only and shared > 2 else 2  # noqa: PLR2004 - of a plane
        names |= {name: name for name in _COORDINATES[:count]}
    for meaning, name in names.items():
        while names[meaning] in taken:
            names[meaning] = f"feature.{name}" if name == names[meaning] else name + "_"
            name = names[meaning]  # noqa: PLW2901 - the next try
    return (*names.items(), *((("points_only", True),) if points_only else ()))


def flattened(
    features: list[dict[str, Any]], told: dict[str, Any]
) -> list[dict[str, Any]]:
    """The records that the features become."""
    records = []
    for feature in features:
        record: dict[str, Any] = {}
        if "id" in told:
            record[told["id"]] = feature.get("id")
        record |= feature["properties"] or {}
        if "type" in told:
            record[told["type"]] = _kind(feature) or None
        is_point = _kind(feature) == "Point"
        for at, name in enumerate(_COORDINATES):
            if name in told:
                value = feature["geometry"]["coordinates"][at] if is_point else None
                record[told[name]] = value
        records.append(record)
    return records


def geometry_doubts(
    document: Any,  # noqa: ANN401 - any parsed JSON
    features: list[dict[str, Any]],
    told: dict[str, Any],
) -> list[Doubt]:
    """What of the features is not in the table."""
    doubts = []
    kinds = sorted({_kind(feature) for feature in features} - {"Point", ""})
    if kinds:
        doubts.append(
            Doubt(
                f"The outlines of the features ({', '.join(kinds)}) are not in the "
                f"table, only their kind{_bounds_told(features)}."
            )
        )
    longest = max((len(point) for point in _points(features)), default=0)
    if longest > 2 and "z" not in told:  # noqa: PLR2004 - of a plane
        doubts.append(Doubt("The third coordinate of the points is not loaded."))
    extra = sorted({key for feature in features for key in feature} - _KNOWN)
    if extra:
        doubts.append(
            Doubt(f"Beside their properties features hold {named(extra)}, not loaded.")
        )
    if isinstance(document, dict):
        beside = [key for key in document if key not in {"type", "features", "bbox"}]
        if beside:
            doubts.append(
                Doubt(
                    f"Beside the features the file holds {named(beside)}, not loaded."
                )
            )
    return doubts


def _is_feature(value: object) -> bool:
    """Whether the code that is written for features can read it."""
    if not isinstance(value, dict) or value.get("type") != "Feature":
        return False
    if not isinstance(value.get("properties", {}), dict | None):
        return False
    value.setdefault("properties", None)
    geometry = value.get("geometry", "")
    if geometry is None:
        return True
    if not isinstance(geometry, dict) or not isinstance(geometry.get("type"), str):
        return False
    if geometry["type"] != "Point":
        return True
    point = geometry.get("coordinates")
    return isinstance(point, list) and len(point) >= 2  # noqa: PLR2004 - of a plane


def _kind(feature: dict[str, Any]) -> str:
    kind: str = (feature["geometry"] or {}).get("type", "")
    return kind


def _points(features: list[dict[str, Any]]) -> Iterator[list[Any]]:
    for feature in features:
        if _kind(feature) == "Point":
            yield feature["geometry"]["coordinates"]


def _bounds_told(features: list[dict[str, Any]]) -> str:
    """The box around all outlines, in words."""
    lows, highs = [float("inf")] * 2, [float("-inf")] * 2
    waiting: list[Any] = [
        (feature["geometry"] or {}).get("coordinates") for feature in features
    ]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, list) or not part:
            continue
        if not all(isinstance(value, int | float) for value in part[:2]):
            waiting += part
            continue
        for axis, value in enumerate(part[:2]):
            lows[axis] = min(lows[axis], value)
            highs[axis] = max(highs[axis], value)
    if lows[1] > highs[1]:
        return ""
    return (
        f"; they lie between {lows[0]:g} and {highs[0]:g} of longitude and "
        f"{lows[1]:g} and {highs[1]:g} of latitude"
    )
