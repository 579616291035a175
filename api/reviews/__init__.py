"""What people decide about attempts, and what students answer before that is final."""
