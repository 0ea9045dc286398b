"""Bytes are text in one of many encodings, something else, or nothing."""

import codecs

import pytest

from labdata.plugin import UnreadableFile
from measurements.text.encoding import decode, decode_head, describe, refuse_hollow

ROWS = "".join(f"{450 + row}\t{100 + row}\r\n" for row in range(200))


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("Wellenlänge (nm)\tIntensität\r\n", "utf-8"),
        ("λ [nm]\tcounts\r\n", "utf-8-sig"),
        ("λ [nm]\tcounts\r\n", "utf-16"),
        ("λ [nm]\tcounts\r\n", "utf-32"),
        ("Wavelength (nm)\tµW/cm² at 25 °C\r\n", "cp1252"),
        ("Probe: Meßwert, grün\r\nWellenlänge (nm)\tIntensität\r\n", "cp1252"),
        ("Détecteur: été\r\nLongueur d’onde (nm)\tIntensité\r\n", "cp1252"),
        ("サンプル名\tCsPbI3\r\n波長 (nm)\t強度\r\n", "cp932"),
        ("波长 (nm)\t强度\r\n样品\t铯铅碘\r\n", "gb18030"),
        ("Длина волны (nm)\tИнтенсивность\r\n", "cp1251"),
    ],
)
def test_instruments_write_many_encodings(header, encoding):
    decoded, _ = decode((header + ROWS).encode(encoding))

    assert decoded == header + ROWS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_shows_by_its_zeros(encoding):
    decoded, found = decode(ROWS.encode(encoding))

    assert decoded == ROWS
    assert found == encoding


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "a PNG image, whatever its name says"),
        (b"PK\x03\x04" + bytes(100), "a ZIP archive or an Office document"),
        (
            b"450,1\n451,2\n" + bytes(500),
            "ends at line 3; from there the file is zeros",
        ),
        (b"450,1\x00\x02\n451,2\n", "binary, not text"),
        (codecs.BOM_UTF16_LE + b"4\x005\x000", "utf-16 text, but byte"),
    ],
)
def test_what_is_no_text_is_named(data, reason):
    with pytest.raises(UnreadableFile, match=reason):
        decode(data)


def test_a_bitmap_is_not_mistaken_for_text_beginning_with_bm():
    assert decode(b"BM sample\n450,1\n")[0].startswith("BM sample")


def test_an_empty_file_and_one_of_zeros_are_refused_from_their_beginning():
    with pytest.raises(UnreadableFile, match=r"empty \(0 bytes\)"):
        refuse_hollow(b"", 0)
    with pytest.raises(UnreadableFile, match=r"300 MB, and the first 65,536 .* zero"):
        refuse_hollow(bytes(65536), 300_000_000)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("length", range(400, 408))
def test_a_head_cut_anywhere_is_still_text(encoding, length):
    data = ("Wellenlänge µ λ\n" * 200).encode(encoding)

    assert decode_head(data[:length], len(data)).startswith("Wellenlänge µ λ\n")


@pytest.mark.parametrize(
    ("head", "text", "reason"),
    [
        (b"\xff\xd8\xff\xe0", "", "a JPEG image"),
        (b"\x01\x02\x00", "", "binary"),
        (b"  \n", "  \n", "blank space"),
        (b"hello\nworld", "hello\nworld", "begins with 'hello'"),
    ],
)
def test_a_file_nobody_reads_is_described(head, text, reason):
    assert reason in describe(head, text)
