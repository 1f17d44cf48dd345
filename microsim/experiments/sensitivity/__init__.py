"""Which parameters move the answer: one at a time, Morris screening, Sobol indices, value of information."""

from microsim.experiments.sensitivity.study import Sensitivity, sensitivity

__all__ = ["Sensitivity", "sensitivity"]
