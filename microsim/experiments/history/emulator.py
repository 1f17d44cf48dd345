"""A Gaussian process for each target over the unit cube (scikit-learn)."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from microsim.ground.errors import InputError

Floats = NDArray[np.float64]
_SMOOTH = (0.2, 20.0)
_NOISE = (1e-7, 1e-1)


class Emulator(NamedTuple):
    """Fitted processes, and the scale of each output."""

    processes: tuple[Any, ...]
    centre: Floats
    scale: Floats

    def predict(self, points: Floats) -> tuple[Floats, Floats]:
        """Means and standard deviations, (n, outputs)."""
        pairs = [one.predict(points, return_std=True) for one in self.processes]
        means = np.stack([pair[0] for pair in pairs], axis=1)
        spread = np.stack([pair[1] for pair in pairs], axis=1)
        return means * self.scale + self.centre, spread * self.scale


def emulate(points: Floats, outputs: Floats) -> Emulator:
    """Fit a process to each column of `outputs` (n, outputs) over `points` (n, axes). Deterministic.

    A quadratic trend is left to the kernel: a sum of a smooth and a white part. Raises InputError
    where scikit-learn is not installed.
    """
    try:
        from sklearn.exceptions import ConvergenceWarning
        from sklearn.gaussian_process import GaussianProcessRegressor
        from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel
    except ImportError:
        fix = "pip install 'microsim-us[calibrate]'"
        raise InputError("calibrate", None, "scikit-learn", "an installed package", fix=fix) from None
    centre, scale = outputs.mean(axis=0), np.maximum(outputs.std(axis=0), 1e-12)
    processes = []
    for column in range(outputs.shape[1]):
        smooth = RBF(np.full(points.shape[1], 2.0), _SMOOTH)
        kernel = ConstantKernel(4.0, (1e-2, 1e4)) * smooth + WhiteKernel(1e-4, _NOISE)
        process = GaussianProcessRegressor(kernel, n_restarts_optimizer=0, random_state=0)
        with warnings.catch_warnings():
            # A length at its bound means that an axis does not matter for an output.
            warnings.simplefilter("ignore", ConvergenceWarning)
            process.fit(points, (outputs[:, column] - centre[column]) / scale[column])
        processes.append(process)
    return Emulator(tuple(processes), centre, scale)
