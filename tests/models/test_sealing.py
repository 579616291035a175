"""What is sealed opens for its owner and purpose only."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.sealing import KeyRing, SealBroken, seal, unseal

KEY = os.urandom(32)


@given(st.binary(max_size=5000))
def test_what_was_sealed_comes_back(plain: bytes) -> None:
    sealed = seal(KEY, plain, owner_id="sub_a", purpose="image")
    assert unseal(KEY, sealed, owner_id="sub_a", purpose="image") == plain
    assert len(plain) < 16 or plain not in sealed


@pytest.mark.parametrize(
    ("owner_id", "purpose", "key"),
    [("sub_b", "image", KEY), ("sub_a", "encoding", KEY), ("sub_a", "image", os.urandom(32))],
    ids=["owner", "purpose", "key"],
)
def test_another_owner_purpose_or_key_does_not_open(
    owner_id: str, purpose: str, key: bytes
) -> None:
    sealed = seal(KEY, b"a face", owner_id="sub_a", purpose="image")
    with pytest.raises(SealBroken):
        unseal(key, sealed, owner_id=owner_id, purpose=purpose)


@given(st.data())
def test_no_changed_bit_opens(data: st.DataObject) -> None:
    sealed = bytearray(seal(KEY, b"a face", owner_id="sub_a", purpose="image"))
    position = data.draw(st.integers(0, len(sealed) - 1))
    sealed[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        unseal(KEY, bytes(sealed), owner_id="sub_a", purpose="image")


@given(st.binary(max_size=40))
def test_bytes_that_were_never_sealed_do_not_open(content: bytes) -> None:
    with pytest.raises(SealBroken):
        unseal(KEY, content, owner_id="sub_a", purpose="image")


def test_an_older_outer_key_still_opens_after_a_change() -> None:
    old, new = os.urandom(32), os.urandom(32)
    sealed_key = KeyRing([old]).new_sealed_key("sub_a")
    opened = KeyRing([old]).open_key("sub_a", sealed_key)
    assert KeyRing([new, old]).open_key("sub_a", sealed_key) == opened
    with pytest.raises(SealBroken):
        KeyRing([new]).open_key("sub_a", sealed_key)


def test_two_subjects_never_share_a_key() -> None:
    ring = KeyRing([os.urandom(32)])
    keys = {ring.open_key(f"sub_{n}", ring.new_sealed_key(f"sub_{n}")) for n in range(20)}
    assert len(keys) == 20
