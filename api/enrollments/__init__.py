"""Face enrollments: reference images on their way to the worker, and its answer to each."""
