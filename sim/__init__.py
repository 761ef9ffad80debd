"""critmin: what is missing, where and for how long, if exports of a critical mineral are restricted."""

__version__ = "0.1.0"
