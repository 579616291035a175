"""What the settings say about e-mail is read once, and said to be wrong before it is needed."""

import pytest

from models.mail_address import MailServer, mail_addresses, mail_server


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://localhost", MailServer("localhost", 25, False, False, "", "")),
        ("smtps://localhost", MailServer("localhost", 465, True, False, "", "")),
        (
            "smtp://ro%40bot:p%23%2F@mail.example.org:587?starttls=TRUE",
            MailServer("mail.example.org", 587, False, True, "ro@bot", "p#/"),
        ),
        ("smtp://[::1]:2525/?starttls=0", MailServer("::1", 2525, False, False, "", "")),
    ],
)
def test_address_says_how_the_server_is_reached(url: str, expected: MailServer) -> None:
    assert mail_server(url) == expected


def test_what_is_wrong_is_said_without_the_password() -> None:
    with pytest.raises(ValueError, match="Percent-encode") as raised:
        mail_server("smtp://robot:hu#sh@mail.example.org")
    assert "hu" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("a@example.org, b@example.org", ["a@example.org", "b@example.org"]),
        ("Face Monitor <a@example.org>", ["a@example.org"]),
        ("face-monitor@localhost", ["face-monitor@localhost"]),
    ],
)
def test_people_are_read_from_a_list_with_commas(text: str, expected: list[str]) -> None:
    assert [one.addr_spec for one in mail_addresses(text)] == expected


@pytest.mark.parametrize("text", ["a@@b", "a@b\nBcc: c@d", "a b@c", ", ,"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="separated by commas"):
        mail_addresses(text)
