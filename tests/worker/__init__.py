"""Promises of the job protocol, the dispatcher and the use cases."""
