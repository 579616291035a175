"""A fake Face Monitor in memory, for the tests of whoever builds on the client.

    from face_monitor_client import FaceMonitorClient
    from face_monitor_client.mock import MockFaceMonitor

    service = MockFaceMonitor(decide=lambda image: "mismatch" if image == stranger else "match")
    client = FaceMonitorClient(service.url, service.api_key, transport=service.transport)

It keeps the contract's rules (consent before enrolment, one image per seq, states of an attempt,
problems with their codes) and looks at no face: `decide` says what every image shows.
"""

from face_monitor_client.mock._server import MockFaceMonitor

__all__ = ["MockFaceMonitor"]
