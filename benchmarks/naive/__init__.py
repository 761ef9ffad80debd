"""The rules of `docs/model.md` once more, slow and plain: an oracle that the engine is held against.

A process for every site, end use and shipment, a SimPy `Container` for each element of each stock, no
arrays. It shares no code with the engine and takes as given: the world, the levers, the first day of the
warm-up, and the function that draws by seed and name. Demand must be flat and no project may run, so that
the plan is the base year's flows. It knows bans, quotas, licences and closures of corridors, and writes
down only what end uses lack. It does not know better legs, stockpiles and added capacity.
"""

from benchmarks.naive.model import NaiveModel

__all__ = ["NaiveModel"]
