"""The 63 provinces and cities that the districts belonged to until 1 July 2025, by host name.

A district's portal is named ``<district>.<province>.gov.vn``, the province's label being its name
without spaces and marks. Some have further labels. Compiled for this project.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from archive.vietnamese import fold

# fmt: off
NAMES = (
    "An Giang", "Bà Rịa - Vũng Tàu", "Bạc Liêu", "Bắc Giang", "Bắc Kạn", "Bắc Ninh", "Bến Tre",
    "Bình Dương", "Bình Định", "Bình Phước", "Bình Thuận", "Cà Mau", "Cao Bằng", "Cần Thơ", "Đà Nẵng",
    "Đắk Lắk", "Đắk Nông", "Điện Biên", "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Giang", "Hà Nam",
    "Hà Nội", "Hà Tĩnh", "Hải Dương", "Hải Phòng", "Hậu Giang", "Hòa Bình", "Hồ Chí Minh", "Hưng Yên",
    "Khánh Hòa", "Kiên Giang", "Kon Tum", "Lai Châu", "Lạng Sơn", "Lào Cai", "Lâm Đồng", "Long An",
    "Nam Định", "Nghệ An", "Ninh Bình", "Ninh Thuận", "Phú Thọ", "Phú Yên", "Quảng Bình", "Quảng Nam",
    "Quảng Ngãi", "Quảng Ninh", "Quảng Trị", "Sóc Trăng", "Sơn La", "Tây Ninh", "Thái Bình",
    "Thái Nguyên", "Thanh Hóa", "Thừa Thiên Huế", "Tiền Giang", "Trà Vinh", "Tuyên Quang",
    "Vĩnh Long", "Vĩnh Phúc", "Yên Bái",
)
# fmt: on
_FURTHER_LABELS = {
    "baria-vungtau": "Bà Rịa - Vũng Tàu",
    "brvt": "Bà Rịa - Vũng Tàu",
    "daclac": "Đắk Lắk",
    "dacnong": "Đắk Nông",
    "hochiminhcity": "Hồ Chí Minh",
    "tphcm": "Hồ Chí Minh",
    "hcm": "Hồ Chí Minh",
    "hue": "Thừa Thiên Huế",
}


def compact(text: str) -> str:
    """A name as a host label writes it: ``"Thọ Xuân"`` → ``"thoxuan"``."""
    return re.sub(r"[^a-z0-9]", "", fold(text))


HOST_LABELS: Mapping[str, str] = MappingProxyType(
    {compact(name): name for name in NAMES} | _FURTHER_LABELS
)
_BY_WORDS = {" ".join(re.findall(r"[a-z]+", fold(name))): name for name in NAMES}
_PRINTED = re.compile(rf"\b(?:tinh|thanh pho|tp) ({'|'.join(_BY_WORDS)})\b")


def province_of_host(host: str) -> str | None:
    """The province that a host name ``<district>.<province>.…`` names, or None."""
    district, *others = host.split(".")
    for label in (*others, district):
        if label in HOST_LABELS:
            return HOST_LABELS[label]
    return None


def provinces_in(text: str) -> list[str]:
    """The provinces that a text names as such ("tỉnh Thanh Hóa"), once for each time, in order."""
    words = " ".join(re.findall(r"[a-z0-9]+", fold(text)))
    return [_BY_WORDS[found] for found in _PRINTED.findall(words)]
