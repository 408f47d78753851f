"""Frames of compressed sound, by their headers."""

from __future__ import annotations

_RATES = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits per second of Layer III by MPEG version and index. Source: ISO/IEC 11172-3, 13818-3."""
_SAMPLES = {3: (44_100, 48_000, 32_000), 2: (22_050, 24_000, 16_000), 0: (11_025, 12_000, 8_000)}

Bytes = bytes | memoryview


def mp3_frame(head: Bytes) -> int:
    """Bytes of the frame of MPEG Layer III with this header; 0 when it is none."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return 0
    version, rate, sampling = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate in {0, 15} or sampling == 3:
        return 0
    bits = _RATES[1 if version == 3 else 2][rate] * 1000
    return (144 if version == 3 else 72) * bits // _SAMPLES[version][sampling] + (head[2] >> 1 & 1)


def aac_frame(head: Bytes) -> int:
    """Bytes of the ADTS frame with this header; 0 when it is none. Source: ISO/IEC 13818-7, 6.2."""
    if len(head) < 7 or head[0] != 0xFF or head[1] & 0xF6 != 0xF0:
        return 0
    length = (head[3] & 3) << 11 | head[4] << 3 | head[5] >> 5
    return length if length >= 7 else 0


def sound_start(content: Bytes) -> int:
    """After tags at the start: ID3v2 (sizes of seven bits a byte) and APEv2. Source: ID3v2.4 §3.1."""
    at = 0
    while True:
        head = bytes(content[at : at + 32])
        if head.startswith(b"ID3") and len(head) >= 10:
            size = head[6:10]
            footer = 10 if head[3] == 4 and head[5] & 0x10 else 0
            at += 10 + footer
            at += (size[0] & 127) << 21 | (size[1] & 127) << 14 | (size[2] & 127) << 7 | size[3] & 127
        elif head.startswith(b"APETAGEX") and len(head) == 32:
            at += 32 + int.from_bytes(head[12:16], "little")
        else:
            break
    while at < len(content) and content[at] == 0:
        at += 1
    return at
