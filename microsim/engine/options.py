"""The rule's options as the kernel reads them: by state and month, for one arm."""

from __future__ import annotations

from microsim.rules.options_table import in_force, options_array, tested_at_renewal

__all__ = ["in_force", "options_array", "tested_at_renewal"]
