"""An attempt scored again, beside its verdicts."""
