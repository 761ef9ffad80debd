"""Where the tonnes come from: a passive tracer on the engine's flows; `tracer` is the file to read first."""

from sim.engine.provenance.deliveries import nothing_traced
from sim.engine.provenance.tracer import Tracer

__all__ = ["Tracer", "nothing_traced"]
