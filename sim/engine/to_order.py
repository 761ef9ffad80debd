"""To order: what makers make of one grade for users of another, beside what its own users need.

It is set aside: the maker's own users have the stock that they would have without it, first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sim.engine.network import Network
from sim.equations.sums import NOISE

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]


@dataclass(slots=True)
class ToOrder:
    """What is asked, in process and in stock for users of other grades; arrays are [output + 1, column] t."""

    outputs: int
    columns: int
    asked_t: FloatArray = field(init=False)
    """A review's use that they would take"""
    kept_t: FloatArray = field(init=False)
    """In stock"""
    due: dict[int, FloatArray] = field(default_factory=dict)
    """Review -> what of it is done by then"""

    @classmethod
    def of(cls, network: Network, columns: int) -> ToOrder | None:
        """Nothing yet; None where nobody makes anything for others, or hears of them."""
        rules = network.behaviour
        if rules.grades is None or rules.producers is None:
            return None
        return cls(len(network.outputs), columns)

    def __post_init__(self) -> None:
        shape = self.outputs + 1, self.columns
        self.asked_t, self.kept_t = (np.zeros(shape) for _ in range(2))

    def set_aside_t(self, output: IntArray) -> FloatArray:
        """[..., column] in stock and in process, of outputs [...]."""
        whole_t = self.kept_t
        for review in sorted(self.due):
            whole_t = whole_t + self.due[review]
        found: FloatArray = whole_t[output]
        return found

    def ask(self, asked_t: FloatArray) -> None:
        """What others would take of each review; what nobody asks for any more is the makers' own."""
        self.asked_t = asked_t
        self.kept_t = np.where(asked_t > 0, self.kept_t, 0.0)

    def start(
        self, output: IntArray, t: FloatArray, done_after: Sequence[int], review: int
    ) -> None:
        """Put `t` [maker, product, column] of outputs [maker, product] into process at a review.

        `done_after` [maker] reviews.
        """
        made = np.where((output >= 0)[..., None], t, 0.0)
        for reviews in sorted(set(done_after)):
            which = np.flatnonzero(np.array(done_after) == reviews)
            these = self.due.setdefault(review + reviews, np.zeros_like(self.kept_t))
            np.add.at(these, output[which], made[which])

    def finish(self, review: int) -> None:
        """What is done is in stock."""
        done = self.due.pop(review, None)
        if done is not None:
            self.kept_t = self.kept_t + done

    def own_users_first(self, left_t: FloatArray) -> None:
        """No more is kept than is left of the makers' stocks once their own users are served."""
        self.kept_t = np.minimum(self.kept_t, left_t)

    def sell(self, by_output_t: FloatArray) -> None:
        """Others have taken so much; what they leave of rounding is nothing."""
        left_t = self.kept_t - by_output_t
        self.kept_t = np.where(left_t > NOISE * self.kept_t, left_t, 0.0)

    def carry_over(self, other: ToOrder) -> None:
        """Know in every column what is known of the only one of another."""
        n = self.columns
        for name in ("asked_t", "kept_t"):
            setattr(self, name, np.repeat(getattr(other, name), n, axis=1))
        self.due = {review: np.repeat(t, n, axis=1) for review, t in other.due.items()}
