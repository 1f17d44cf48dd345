"""Runs larger than memory or than one machine: people in pieces, tallies kept as pieces finish."""
