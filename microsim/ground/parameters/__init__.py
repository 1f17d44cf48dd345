"""Every quantity of the model: validated records in one immutable tree."""

from microsim.ground.parameters.loading import data_root, load_parameters
from microsim.ground.parameters.record import ALWAYS, Record
from microsim.ground.parameters.tree import Parameters, Source

__all__ = ["ALWAYS", "Parameters", "Record", "Source", "data_root", "load_parameters"]
