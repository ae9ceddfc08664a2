"""Range headers: exact answers, and properties that hold for any header and size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.ranges import ByteRange, Unsatisfiable, parse_range

SIZES = st.integers(0, 2**33)


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=0-", 0, 99),
        ("bytes=99-", 99, 99),
        ("bytes=10-19", 10, 19),
        ("bytes=10-5000", 10, 99),
        ("bytes=-1", 99, 99),
        ("bytes=-100", 0, 99),
        ("bytes=-101", 0, 99),
        ("Bytes=1-2", 1, 2),
        ("  bytes=1-2\t", 1, 2),
        ("bytes = 1-2", 1, 2),
        ("bytes=0-99999999999999999999999999", 0, 99),
        ("bytes=007-008", 7, 8),
    ],
)
def test_one_range_of_a_hundred_bytes(header: str, first: int, last: int) -> None:
    assert parse_range(header, 100) == ByteRange(first, last)


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0", "bytes=9999999999999999999-"])
def test_bytes_that_are_not_there(header: str) -> None:
    assert parse_range(header, 100) is Unsatisfiable.RANGE


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-4",
        "bytes=1-2,4-5",
        "bytes=+1-2",
        "bytes=1--2",
        "bytes=1.0-2",
        "bytes=0x1-2",
        "bytes=\u0661-\u0662",
        "items=0-5",
        "bytes=1-2 3",
        "bytes=" + "1" * 200 + "-",
    ],
)
def test_what_is_not_understood_means_the_whole_file(header: str | None) -> None:
    assert parse_range(header, 100) is None


@pytest.mark.parametrize("header", ["bytes=0-", "bytes=0-0", "bytes=-1"])
def test_an_empty_file_has_no_bytes_to_ask_for(header: str) -> None:
    assert parse_range(header, 0) is Unsatisfiable.RANGE


@given(size=SIZES, first=SIZES, length=st.integers(1, 2**33))
def test_first_and_last_are_kept_or_cut_to_the_file(size: int, first: int, length: int) -> None:
    last = first + length - 1
    found = parse_range(f"bytes={first}-{last}", size)
    if first >= size:
        assert found is Unsatisfiable.RANGE
    else:
        assert found == ByteRange(first, min(last, size - 1))


@given(size=st.integers(1, 2**33), count=st.integers(1, 2**34))
def test_a_suffix_ends_with_the_last_byte(size: int, count: int) -> None:
    found = parse_range(f"bytes=-{count}", size)
    assert isinstance(found, ByteRange)
    assert (found.last_byte, found.size) == (size - 1, min(count, size))


@given(size=SIZES, header=st.text() | st.from_regex(r"bytes=[0-9]{0,12}-[0-9]{0,12}(,[0-9]*-[0-9]*)?"))
def test_no_header_leads_outside_the_file(size: int, header: str) -> None:
    found = parse_range(header, size)
    if isinstance(found, ByteRange):
        assert 0 <= found.first_byte <= found.last_byte < size
        assert found.content_range(size) == f"bytes {found.first_byte}-{found.last_byte}/{size}"
    else:
        assert found in {None, Unsatisfiable.RANGE}


@given(size=st.integers(1, 5000), step=st.integers(1, 700))
def test_parts_asked_for_one_after_another_make_the_whole(size: int, step: int) -> None:
    data = bytes(n % 251 for n in range(size))
    joined = b""
    while len(joined) < size:
        part = parse_range(f"bytes={len(joined)}-{len(joined) + step - 1}", size)
        assert isinstance(part, ByteRange)
        joined += data[part.first_byte : part.last_byte + 1]
    assert joined == data
