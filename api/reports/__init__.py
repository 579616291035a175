"""What leaves the service to be kept or handed on: reports, evidence bundles, results."""
