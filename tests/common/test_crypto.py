"""Field encryption: bound to its place, loud about any change, gone with its key."""

import threading

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from pharmacrm.common import crypto

KEY = bytes(range(32))


@given(plain=st.binary(max_size=200), context=st.binary(max_size=20))
def test_what_was_sealed_opens_again_in_its_context(plain, context):
    assert crypto.unseal(crypto.seal(plain, key=KEY, context=context), key=KEY, context=context) == plain


@given(plain=st.binary(min_size=1, max_size=60), position=st.integers(0, 1000), bit=st.integers(0, 7))
def test_one_changed_bit_anywhere_is_refused(plain, position, bit):
    sealed = bytearray(crypto.seal(plain, key=KEY))
    sealed[position % len(sealed)] ^= 1 << bit

    with pytest.raises(InvalidTag):
        crypto.unseal(bytes(sealed), key=KEY)


def test_a_value_moved_to_another_place_does_not_open():
    sealed = crypto.seal(b"13800000000", key=KEY, context=b"doctor:1")

    with pytest.raises(InvalidTag):
        crypto.unseal(sealed, key=KEY, context=b"doctor:2")


def test_the_same_words_are_sealed_differently_each_time():
    assert crypto.seal(b"same", key=KEY) != crypto.seal(b"same", key=KEY)


def test_a_destroyed_key_is_named_as_such():
    with pytest.raises(crypto.KeyDestroyed):
        crypto.unwrap_key(None)


def test_a_wrapped_key_comes_back_and_is_another_each_time(own_keys):
    first, second = crypto.new_wrapped_key(), crypto.new_wrapped_key()

    assert len(crypto.unwrap_key(first)) == 32
    assert crypto.unwrap_key(first) == crypto.unwrap_key(first)
    assert crypto.unwrap_key(first) != crypto.unwrap_key(second)


def test_a_blind_index_is_stable_keyed_and_bound_to_its_purpose(own_keys):
    index = crypto.blind_index("13800000000", purpose="phone")

    assert index == crypto.blind_index("13800000000", purpose="phone")
    assert index != crypto.blind_index("13800000000", purpose="tail")
    assert len(index) == 32


@pytest.fixture
def own_keys(settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"
    crypto.installation_key.cache_clear()
    yield tmp_path / "keys"
    crypto.installation_key.cache_clear()


def test_the_installation_s_key_is_for_its_owner_only_and_stays_the_same(own_keys):
    first = crypto.installation_key("fields")
    crypto.installation_key.cache_clear()

    assert crypto.installation_key("fields") == first
    assert (own_keys / "fields.key").stat().st_mode & 0o777 == 0o600


def test_many_processes_that_start_at_once_agree_on_one_key(own_keys):
    found = []
    make = crypto.installation_key.__wrapped__
    threads = [threading.Thread(target=lambda: found.append(make("fields"))) for _one in range(16)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 16
    assert len(set(found)) == 1
    assert [path.name for path in own_keys.iterdir()] == ["fields.key"]


def test_a_damaged_key_file_is_never_replaced_in_silence(own_keys):
    own_keys.mkdir()
    (own_keys / "fields.key").write_text("")

    with pytest.raises(ValueError, match="backup"):
        crypto.installation_key("fields")
