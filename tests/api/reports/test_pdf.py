"""The report as PDF: read with another library than the one that wrote it."""

import io
import struct

import pypdfium2
import pypdfium2.raw
import pytest
from sqlalchemy import update

from api.reports.blocks import (
    Box,
    Card,
    Cell,
    Facts,
    Gallery,
    Heading,
    Notice,
    Paragraph,
    Picture,
    Quote,
    Report,
    Section,
    Table,
)
from api.reports.jpeg_orientation import jpeg_orientation
from api.reports.pdf import pdf_of
from models.subject import Subject
from tests.api.reports.conftest import NAME
from tests.support.pictures import small_jpeg, small_png

IMAGE = pypdfium2.raw.FPDF_PAGEOBJ_IMAGE


def read(content: bytes) -> pypdfium2.PdfDocument:
    return pypdfium2.PdfDocument(io.BytesIO(content))


def texts(content: bytes) -> list[str]:
    """Each page's text; soft hyphens and line ends of the reader are its own affair."""
    return [page.get_textpage().get_text_bounded() for page in read(content)]


@pytest.fixture
def pdf(admin, story) -> bytes:
    answer = admin.get(f"/admin/attempts/{story.attempt_id}/report.pdf")
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/pdf"
    assert "attachment" in answer.headers["Content-Disposition"]
    return answer.content


def small_report(title: str = "Anna", *blocks: object) -> Report:
    return Report(title, "Algebra", title, "Made now by me", (), [Section("All", list(blocks))])


def test_pdf_tells_what_the_html_tells(pdf, story):
    # Where lines break is not told here: a long id can be broken as well.
    text = "".join("".join(texts(pdf)).split())
    for expected in (
        NAME,
        "Algebra & <Geometry>",
        story.attempt_id,
        "1. Wrong person",
        "Rita Reviewer",
        "My brother brought me a glass of water.",
        "Frames that never came: 10 to 12.",
        "Server: Mismatch, distance 0.8",
        "Chosen: Bat",
        "least sharpness",
    ):
        assert "".join(expected.split()) in text, expected


def test_every_page_is_numbered_and_names_the_student(pdf):
    pages = texts(pdf)
    assert len(pages) >= 4
    for number, text in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in text
        assert NAME in text


def test_pictures_go_in_unchanged_and_lie_whole_on_their_page(pdf, story):
    shown = []
    for page in read(pdf):
        width, height = page.get_size()
        for image in page.get_objects(filter=[IMAGE]):
            left, bottom, right, top = image.get_bounds()
            assert 0 < left < right < width
            assert 40 < bottom < top < height - 30
            shown.append(bytes(image.get_data()))
    assert len(shown) == 14
    assert {story.genuine, story.stranger} <= set(shown)


def test_who_has_it_is_on_record(admin, pdf, story, newest_entry):
    entry = newest_entry()
    assert (entry.action, entry.detail["form"]) == ("report.made", "pdf")
    assert entry.detail["frames"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Žofia Nguyễn", "Žofia Nguyễn"),
        ("Ελένη Παπαδοπούλου", "Ελένη Παπαδοπούλου"),
        ("สมชาย", "[U+0E2A] [U+0E21]"),
        ("李雷", "U+674E U+96F7"),
        ("김영희", "U+AE40 U+C601 U+D76C"),
        ("A & <b>B</b>", "A & <b>B</b>"),
    ],
)
def test_no_name_vanishes(name, shown):
    text = "\n".join(texts(pdf_of(small_report(name))))
    assert shown in text.replace("\r\n", " ")


def test_arabic_is_joined_and_turned():
    page = read(pdf_of(small_report("محمد")))[0]
    assert "[U+" not in page.get_textpage().get_text_bounded()
    drawn = "".join(page.get_textpage().get_text_bounded().split())
    assert drawn


def test_nameless_letters_in_long_texts_break_nothing():
    words = "漢字かな " * 400 + "שלום עולם " * 300 + "\U0001f9d1\u200d\U0001f680 " * 50
    content = pdf_of(small_report("Anna", Quote("1. Why?", lines=[words]), Paragraph("x" * 3000)))
    assert len(read(content)) >= 2


def test_what_introduces_something_stays_on_its_page():
    picture = Picture(None, "image/jpeg", 4, 3, "Frame 1", trouble="Missing.")
    led = [Paragraph("Introduced"), Heading("Named"), Gallery([Card("Shown", picture)])]
    for lines in range(30, 60):
        content = pdf_of(small_report("Anna", *[Paragraph("Line")] * lines, *led))
        held = [
            [word in text for word in ("Introduced", "Named", "Shown")] for text in texts(content)
        ]
        assert [True] * 3 in held, lines


def test_long_answers_go_on_over_pages():
    words = "Small things scatter short waves most. " * 600
    content = pdf_of(small_report("Anna", Quote("1. Why?", lines=[words])))
    assert "".join(texts(content)).count("scatter") == 600


@pytest.mark.parametrize("letter", ["ก", "漢", "x", "ش", "\U0001f9d1"])
def test_longest_texts_fit_wherever_they_stand(letter):
    text = letter * 5000
    picture = Picture(None, "image/jpeg", 4, 3, "Frame 1", trouble="Missing.")
    content = pdf_of(
        small_report(
            letter * 200,
            Facts([(text[:200], text), ("b", Cell(text, "bad"))]),
            Table(["a", "b"], [[text, Cell(text, "good")]]),
            Notice(text),
            Heading(text),
            Quote(text, [Cell(text, "unsure")], [text, text]),
            Gallery([Card(text[:60], picture, [text, Cell(text, "bad")])]),
        )
    )
    assert len(read(content)) >= 3


@pytest.mark.parametrize(
    ("content", "content_type", "said"),
    [
        (small_png(), "image/png", "Only JPEG can be put into a PDF unchanged"),
        (b"\xff\xd8\xff\xe0 no picture", "image/jpeg", "cannot be put into a PDF"),
        (None, "image/jpeg", "The stored file is missing."),
    ],
)
def test_what_cannot_be_shown_is_told_in_its_place(content, content_type, said):
    trouble = "" if content else said
    picture = Picture(content, content_type, 64, 48, "Frame 1", trouble=trouble)
    made = pdf_of(small_report("Anna", Gallery([Card("Frame 1", picture)])))
    assert said.split(" be ")[0] in " ".join("".join(texts(made)).split())
    assert not list(read(made)[0].get_objects(filter=[IMAGE]))


def with_orientation(jpeg: bytes, orientation: int, order: str = ">") -> bytes:
    marks = {">": b"MM", "<": b"II"}[order]
    entry = struct.pack(f"{order}HHIHH", 0x0112, 3, 1, orientation, 0)
    tiff = marks + struct.pack(f"{order}HIH", 42, 8, 1) + entry + bytes(4)
    body = b"Exif\0\0" + tiff
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read(orientation, order):
    assert jpeg_orientation(with_orientation(small_jpeg(), orientation, order)) == orientation


@pytest.mark.parametrize(
    "jpeg",
    [b"", small_jpeg(), small_png(), with_orientation(small_jpeg(), 6)[:30], b"\xff\xd8\xff"],
)
def test_no_orientation_is_upright(jpeg):
    assert jpeg_orientation(jpeg) == 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pictures_are_turned_as_people_see_them(orientation):
    """The stored picture has a white corner at its upper left; each turn moves it."""
    stored = with_orientation(small_jpeg(10), orientation)
    size = (64, 48) if orientation < 5 else (48, 64)
    picture = Picture(stored, "image/jpeg", *size, "Frame 1", boxes=[Box(1, 1, 9, 9, "other")])
    made = pdf_of(small_report("Anna", Gallery([Card("Frame 1", picture)])))
    page = read(made)[0]
    [image] = page.get_objects(filter=[IMAGE])
    left, bottom, right, top = image.get_bounds()
    assert (right - left) / (top - bottom) == pytest.approx(size[0] / size[1], rel=0.02)
    pixels = page.render(scale=3).to_numpy()
    height = pixels.shape[0]
    inset_x, inset_y = (right - left) * 0.04, (top - bottom) * 0.04
    corners = {
        "upper left": (left + inset_x, top - inset_y),
        "upper right": (right - inset_x, top - inset_y),
        "lower right": (right - inset_x, bottom + inset_y),
        "lower left": (left + inset_x, bottom + inset_y),
    }
    bright = [
        name
        for name, (x, y) in corners.items()
        if int(pixels[int(height - y * 3), int(x * 3)].mean()) > 128
    ]
    expected = ["upper left", "upper right", "lower right", "lower left"]
    expected += ["upper left", "upper right", "lower right", "lower left"]
    assert bright == [expected[orientation - 1]]


def test_erased_name_is_in_no_pdf(context, admin, story):
    admin.delete(f"/api/v1/subjects/{story.subject_id}")
    answer = admin.get(f"/admin/attempts/{story.attempt_id}/report.pdf")
    text = "\n".join(texts(answer.content))
    assert "Erased student" in text
    assert NAME not in text
    assert not [image for page in read(answer.content) for image in page.get_objects([IMAGE])]


def test_attack_in_a_name_is_text(context, admin, story):
    with context.database.write() as session:
        nasty = '<img src="file:///etc/passwd"/><para>'
        session.execute(update(Subject).values(display_name=nasty))
    answer = admin.get(f"/admin/attempts/{story.attempt_id}/report.pdf")
    assert '<img src="file:///etc/passwd"/>' in "".join(texts(answer.content)).replace("\r\n", "")
