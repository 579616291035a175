"""The verifying side: a dispatcher that hints at due jobs, and workers that do them.

The job row is the queue. A Celery message is only a hint that carries a row's id, so losing,
doubling or reordering messages changes nothing but the pace.
"""
