import pytest

from api.pages.local_path import local_path


@pytest.mark.parametrize("wanted", ["/", "/attempts/att_1", "/admin/exams?cursor=a&b=%20c", "/a#b"])
def test_path_of_this_site_is_kept(wanted: str) -> None:
    assert local_path(wanted) == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "login",
        "https://evil.example/",
        "//evil.example/",
        "///evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " /evil",
        "javascript:alert(1)",
        "//[broken",
    ],
)
def test_anything_else_leads_to_the_start_page(wanted: str) -> None:
    assert local_path(wanted) == "/"
