"""Single lives, lived in plain Python by the kernel's own functions, watched and told."""
