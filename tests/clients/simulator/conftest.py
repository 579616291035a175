"""A small stand-in for the command `face-monitor`."""

from pathlib import Path

import pytest

STAND_IN = """
import http.server, os, pathlib, signal, sys
mode, command, *rest = sys.argv[1:]
data = pathlib.Path(rest[rest.index("--data-dir") + 1])
if command == "create-api-key":
    if mode == "keyless":
        sys.exit("no such table")
    print("Key for demo:")
    print("fmk_1_secret")
    sys.exit()
if mode == "broken":
    sys.exit("the disk is upside down")
data.mkdir()
(data.parent / "pid").write_text(str(os.getpid()))
(data.parent / "settings").write_text("\\n".join(os.environ))
print("the stand-in has begun", flush=True)
if mode == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(503 if mode == "unready" else 200)
        self.end_headers()
    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", int(rest[rest.index("--port") + 1])), Ready).serve_forever()
"""


@pytest.fixture
def stand_in(tmp_path: Path) -> Path:
    script = tmp_path / "stand_in.py"
    script.write_text(STAND_IN)
    return script
