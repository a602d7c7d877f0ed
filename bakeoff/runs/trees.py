"""Scikit-learn's trees in a third of the bytes; law: a tree that was written and read again says of every row what it said.

A forest of a large table has millions of nodes, of 64 bytes and their values in scikit-learn, and its predictor and every ensemble that it
is a member of hold them all. What a leaf has no use for is not written, integers are as short as they may be, and thresholds are
float32, as the rows that they are compared with: rounded down, they part these rows as before. What nothing that predicts looks at,
impurities (and with them feature_importances_) and the values of inner nodes, is kept to float32.
"""

import copyreg
import pickle
import sys
from typing import Any

import numpy as np

__all__ = ["dump", "read_tree"]

_MODULE = "sklearn.tree._tree"
_NO_CHILD, _NO_FEATURE, _NO_THRESHOLD = -1, -2, -2.0
_FIELDS = {
    "left_child",
    "right_child",
    "feature",
    "threshold",
    "impurity",
    "n_node_samples",
    "weighted_n_node_samples",
    "missing_go_to_left",
}
"""Of a node, as far as is known here: a tree whose nodes have others is pickled as scikit-learn does."""


def dump(thing: Any, file: Any) -> None:
    """Pickles a thing into a file that has `write`, the trees in it small; pickle.load reads it. Nothing is imported for it."""
    pickler = pickle.Pickler(file, protocol=5)
    tree = getattr(sys.modules.get(_MODULE), "Tree", None)  # another thread may be importing it
    pickler.dispatch_table = copyreg.dispatch_table if tree is None else {**copyreg.dispatch_table, tree: _written}
    pickler.dump(thing)


def _written(tree: Any) -> Any:
    """What pickle makes of a tree: `read_tree` and its arguments."""
    kind, made_of, state = tree.__reduce__()
    nodes, values = state["nodes"], state["values"]
    if set(nodes.dtype.names) != _FIELDS or values.shape[1] != 1:
        return kind, made_of, state
    is_leaf = nodes["left_child"] == _NO_CHILD
    leaves, inner = np.flatnonzero(is_leaf), np.flatnonzero(~is_leaf)
    if np.any(nodes["feature"].take(leaves) != _NO_FEATURE):
        return kind, made_of, state
    small = {
        "is_leaf": np.packbits(is_leaf),
        "left_child": _short(nodes["left_child"].take(inner)),
        "right_child": _short(nodes["right_child"].take(inner)),
        "feature": _short(nodes["feature"].take(inner)),
        "threshold": _rounded_down(nodes["threshold"].take(inner)),
        "missing_go_to_left": np.packbits(nodes["missing_go_to_left"].take(inner)),
        "impurity": _single(nodes["impurity"]),
        "n_node_samples": _short(nodes["n_node_samples"]),
        "weighted_n_node_samples": _short(nodes["weighted_n_node_samples"]),
        "leaf_values": _packed(values[:, 0].take(leaves, axis=0)),
        "inner_values": _packed(_single(values[:, 0].take(inner, axis=0))),
    }
    return read_tree, (kind, made_of, state["max_depth"], len(nodes), small)


def read_tree(kind: Any, made_of: tuple[Any, ...], max_depth: int, count: int, small: dict[str, Any]) -> Any:
    """The tree that `_written` wrote; pickles name it, so it never moves. Raises ValueError where this scikit-learn's nodes hold more."""
    tree = kind(*made_of)
    nodes = np.zeros(count, dtype=tree.__getstate__()["nodes"].dtype)
    if set(nodes.dtype.names) != _FIELDS:
        raise ValueError(f"trees of another scikit-learn: its nodes have {sorted(nodes.dtype.names)}, those written {sorted(_FIELDS)}")
    is_leaf = np.unpackbits(small["is_leaf"], count=count).view(bool)
    leaves, inner = np.flatnonzero(is_leaf), np.flatnonzero(~is_leaf)
    for name in ("left_child", "right_child", "feature", "threshold"):
        nodes[name][inner] = small[name]
    nodes["missing_go_to_left"][inner] = np.unpackbits(small["missing_go_to_left"], count=len(inner))
    for name, nothing in (("left_child", _NO_CHILD), ("right_child", _NO_CHILD), ("feature", _NO_FEATURE), ("threshold", _NO_THRESHOLD)):
        nodes[name][leaves] = nothing
    for name in ("impurity", "n_node_samples", "weighted_n_node_samples"):
        nodes[name] = small[name]
    of_leaves, of_inner = _unpacked(*small["leaf_values"]), _unpacked(*small["inner_values"])
    values = np.empty((count, 1, of_leaves.shape[1]))
    values[leaves, 0], values[inner, 0] = of_leaves, of_inner
    tree.__setstate__({"max_depth": max_depth, "node_count": count, "nodes": nodes, "values": values})
    return tree


def _short(numbers: np.ndarray) -> np.ndarray:
    """The same numbers in as few bytes as hold them."""
    least, most = (numbers.min(), numbers.max()) if len(numbers) else (0, 0)
    for dtype in (np.int8, np.int16, np.int32):
        if np.iinfo(dtype).min <= least and most <= np.iinfo(dtype).max and np.all(numbers == (short := numbers.astype(dtype))):
            return np.asarray(short)
    return np.array(numbers)


def _single(values: np.ndarray) -> np.ndarray:
    """As float32, but for values that are too large for it."""
    return np.array(values) if np.any(np.abs(values) > np.finfo(np.float32).max) else values.astype(np.float32)


def _rounded_down(thresholds: np.ndarray) -> np.ndarray:
    """Each the greatest float32 that is not above it."""
    near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)


def _packed(values: np.ndarray) -> tuple[Any, ...]:
    """(n, 1) values as they are; of (n, k), of which most are 0 since they are shares of classes, which are not, they, and (n, k)."""
    if values.shape[1] == 1:
        return (values,)
    present = values != 0
    return np.packbits(present), values[present], values.shape


def _unpacked(*packed: Any) -> np.ndarray:
    if len(packed) == 1:
        return np.asarray(packed[0])
    present, numbers, shape = packed
    values = np.zeros(shape)
    values[np.unpackbits(present, count=values.size).view(bool).reshape(shape)] = numbers
    return values
