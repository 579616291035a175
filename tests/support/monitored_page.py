"""A page with nothing but the monitor on it, whose clock a test may run faster.

It is answered by the browser's side of the test; everything it imports comes from the service.
"""

from playwright.sync_api import BrowserContext, Page

PAGE = """<!doctype html><title>Monitored</title><video id="self-view"></video>
<script type="module">
  import { startMonitor } from "/static/face-monitor/index.js";
  let simulated, real, speed;
  const clock = {
    now: () => simulated + (performance.now() - real) * speed,
    setTimeout: (run, delay) => setTimeout(run, delay / speed),
    clearTimeout: (handle) => clearTimeout(handle),
  };
  window.runClock = (faster, now = clock.now()) =>
    ([simulated, real, speed] = [now, performance.now(), faster]);
  window.clockNow = clock.now;
  const claim = { status: "one_face", face_count: 1, detector_score: 0.9, boxes: [], detector: "" };
  const detector = { load: async () => {}, detect: async () => claim, close() {} };
  window.captured = []; window.answered = []; window.dropped = []; window.reported = [];
  window.begin = (attemptId) => {
    const video = document.querySelector("#self-view");
    const options = { attemptId, csrfToken: "none", video, presenceIntervalSeconds: 2 };
    window.monitor = startMonitor(options, { clock, detector });
    for (const name of ["captured", "answered", "dropped"])
      monitor.addEventListener(`frame-${name}`, ({ detail }) => window[name].push(detail.seq));
    monitor.addEventListener("client-event", ({ detail }) => reported.push(detail.reason));
  };
</script>"""


def serve_monitored_page(context: BrowserContext) -> None:
    """Answer `/monitored` with the page."""
    context.route("**/monitored", lambda route: route.fulfill(body=PAGE, content_type="text/html"))


def begin_monitoring(
    page: Page, url: str, attempt_id: str, *, speed: float = 1, now_ms: float | None = None
) -> None:
    """Open the page at the service's address and monitor the attempt."""
    page.goto(f"{url}/monitored")
    page.wait_for_function("() => window.begin")
    page.evaluate("([speed, now]) => runClock(speed, now ?? Date.now())", [speed, now_ms])
    page.evaluate("(attemptId) => begin(attemptId)", attempt_id)


def wait_for(page: Page, condition: str, *, seconds: float) -> None:
    """Wait until an expression of the page is true."""
    page.wait_for_function(f"() => {condition}", timeout=seconds * 1000, polling=50)
