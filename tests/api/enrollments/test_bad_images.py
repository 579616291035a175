"""Images that are none: refused with a code and a next step, and nothing is kept of them."""

import pytest
from sqlalchemy import func, select

from api.multipart import UploadBudget
from models.enrollment import FaceEnrollment
from models.frame_store import StorageFull
from models.job import Job
from tests.support.endless_body import EndlessBody
from tests.support.pictures import jpeg_of_declared_size, png_bomb, small_jpeg, small_png

BAD_IMAGES = {
    "empty": (b"", 422, "empty_image"),
    "text named .jpg": (b"this is no picture at all", 415, "unsupported_image_type"),
    "html": (b"<script>alert(1)</script>", 415, "unsupported_image_type"),
    "gif": (b"GIF89a" + bytes(200), 415, "unsupported_image_type"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "unsupported_image_type"),
    "truncated jpeg": (small_jpeg()[:-40], 422, "truncated_image"),
    "only the start of a jpeg": (b"\xff\xd8\xff\xe0", 422, "truncated_image"),
    "jpeg without a size": (
        b"\xff\xd8\xff\xe0\x00\x04ab\xff\xda\x00\x02\xff\xd9",
        422,
        "corrupt_image",
    ),
    "truncated png": (small_png()[:-20], 422, "truncated_image"),
    "truncated webp": (b"RIFF\xff\x00\x00\x00WEBPVP8 ", 422, "truncated_image"),
    "65535 x 65535": (jpeg_of_declared_size(65535, 65535), 422, "image_dimensions_too_large"),
    "png bomb": (png_bomb(), 422, "image_dimensions_too_large"),
    "nine megabytes": (small_jpeg() + bytes(9_000_000), 413, "image_too_large"),
}


def offer(caller, path, *images, name="images", **more):
    files = [(name, (f"{number}.jpg", image, "image/jpeg")) for number, image in enumerate(images)]
    return caller.post(path, files=files, **more)


def check_nothing_kept(context):
    assert list(context.images.store.keys_older_than(0)) == []
    with context.database.read() as session:
        for table in (FaceEnrollment, Job):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def check_refused(answer, status, code):
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert (answer.status_code, body["code"]) == (status, code), body
    assert body["next_step"]
    return body


@pytest.mark.parametrize("case", BAD_IMAGES)
def test_bad_image_is_refused(context, willing, path, case):
    image, status, code = BAD_IMAGES[case]
    check_refused(offer(willing, path, image), status, code)
    check_nothing_kept(context)


def test_one_bad_image_among_good_ones_is_named_and_nothing_is_stored(context, willing, path, jpeg):
    answer = offer(willing, path, jpeg, b"no picture", jpeg)
    body = check_refused(answer, 415, "unsupported_image_type")
    assert "Image 2 of 3" in body["detail"]
    assert body["errors"][0]["field"] == "images.2"
    check_nothing_kept(context)


@pytest.mark.parametrize("count", [0, 11])
def test_number_of_images_is_limited(context, willing, path, jpeg, count):
    if count:
        answer = offer(willing, path, *[jpeg] * count)
    else:
        answer = offer(willing, path, jpeg, name="pictures")
    check_refused(answer, 422, "invalid_request")
    check_nothing_kept(context)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", None),
        (b"{}", "application/json"),
        (b"x", "image/jpeg"),
        (b"images=x", "application/x-www-form-urlencoded"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary="),
        (b"nothing of the kind", "multipart/form-data; boundary=abc"),
        (b"--abc\r\n\r\nx\r\n--abc--", "multipart/form-data; boundary=abc"),
        (b"--abc\r\nContent-Disposition: form-data\r\n\r\nx", "multipart/form-data; boundary=abc"),
        (
            b'--abc\r\nContent-Disposition: form-data; name="images"\r\n\r\nx\r\n--abc--',
            "multipart/form-data; boundary=abc",
        ),
    ],
)
def test_body_that_is_no_form_is_refused(context, willing, path, body, content_type):
    headers = {"Content-Type": content_type} if content_type else {}
    answer = willing.post(path, content=body, headers=headers)
    check_refused(answer, 422, "invalid_request")
    check_nothing_kept(context)


def test_huge_body_is_refused_by_its_declared_length(willing, path):
    answer = willing.post(
        path,
        content=b"--abc\r\n",
        headers={
            "Content-Type": "multipart/form-data; boundary=abc",
            "Content-Length": "200000000",
        },
    )
    check_refused(answer, 413, "request_too_large")


@pytest.mark.parametrize(
    ("part", "code", "most_bytes"),
    [
        (b'Content-Disposition: form-data; name="images"; filename="a"', "image_too_large", 9e6),
        (b'Content-Disposition: form-data; name="images"', "invalid_request", 1e6),
    ],
)
def test_endless_body_is_refused_while_it_comes(app, willing, path, part, code, most_bytes):
    cookie = willing.client.build_request("GET", path).headers["Cookie"]
    body = EndlessBody(b"--abc\r\n" + part + b"\r\n\r\n")
    answer = body.post(
        app,
        path,
        {
            "Host": "localhost",
            "Cookie": cookie,
            "X-CSRF-Token": willing.csrf_token,
            "Content-Type": "multipart/form-data; boundary=abc",
        },
    )
    assert answer["code"] == code
    assert body.taken_bytes < most_bytes
    assert app.state.upload_budget.held_bytes == 0


def test_strangers_endless_body_is_not_read_at_all(app, path):
    body = EndlessBody(b"")
    headers = {"Host": "localhost", "Content-Type": "multipart/form-data; boundary=abc"}
    assert body.post(app, path, headers)["code"] == "not_signed_in"
    assert body.taken_bytes == 0


def test_stranger_is_refused_before_the_upload_is_read(anonymous, path, jpeg):
    check_refused(offer(anonymous, path, jpeg), 401, "not_signed_in")


def test_uploads_share_a_bounded_memory(app, willing, path, jpeg):
    app.state.upload_budget = UploadBudget(max_bytes=100)
    answer = offer(willing, path, jpeg)
    check_refused(answer, 503, "service_unavailable")
    assert answer.headers["Retry-After"]
    assert app.state.upload_budget.held_bytes == 0


def test_full_disk_is_507_and_leaves_nothing(context, willing, path, jpeg, monkeypatch):
    put = context.images.store.put

    def put_once(storage_key, content):
        monkeypatch.setattr(context.images.store, "put", full)
        put(storage_key, content)

    def full(storage_key, content):
        raise StorageFull(storage_key)

    monkeypatch.setattr(context.images.store, "put", put_once)
    check_refused(offer(willing, path, jpeg, jpeg), 507, "storage_full")
    check_nothing_kept(context)


def test_little_room_is_507_before_anything_is_stored(context, willing, path, jpeg, monkeypatch):
    monkeypatch.setattr(context.images.store, "free_bytes", lambda: 1000)
    check_refused(offer(willing, path, jpeg), 507, "storage_full")
    check_nothing_kept(context)


def test_failed_transaction_takes_the_files_back(context, willing, path, jpeg, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError

    monkeypatch.setattr("api.enrollments.service.enqueue", fail)
    check_refused(offer(willing, path, jpeg), 500, "internal_error")
    check_nothing_kept(context)
