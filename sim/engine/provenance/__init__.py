"""Where the tonnes come from: a passive tracer on the engine's flows; `tracer` is the file to read first."""

from sim.engine.provenance.deliveries import TRACE_COLUMNS
from sim.engine.provenance.tracer import Tracer

__all__ = ["TRACE_COLUMNS", "Tracer"]
