"""The plan: a rate for every line and mine over time, worked out once before the run.

From the mines down (`push`), sites with a path of their own (`own`, announced projects, levers that add
capacity) say what they can supply. From final use up (`pull`), every buyer says what it will need when the
goods are used, so each stage looks ahead by its transit, cover, processing and producer stock. What own
sites cannot supply comes from `residual` sites. With no growth and no project it is the balanced base year.

All rates are t a day over `Plan.days`; before day 0 everything is flat, as the warm-up wants it.
"""

from sim.engine.plan.build import build_plan
from sim.engine.plan.chain import ChainShape, is_maker
from sim.engine.plan.rates import LineKey, Plan
from sim.engine.plan.recipes import made_of
from sim.world.balance import recovery_of

__all__ = ["ChainShape", "LineKey", "Plan", "build_plan", "is_maker", "made_of", "recovery_of"]
