"""What a district had to tell: its stories, composed from the bank, the same every time.

A story knows nothing of markup or addresses; a portal prints it in its own way.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from crawler.replica.prose import (
    District,
    Notice,
    Topic,
    Writer,
    district,
    notices,
    releases,
    shared_sentences,
    topics,
)

LAST_DAY = dt.date(2025, 6, 20)  # districts ended on 30 June 2025
LATE_DAYS = (dt.date(2025, 6, 25), dt.date(2025, 6, 27))  # published between two visits

_FAMILY = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Vũ", "Đặng", "Bùi", "Đỗ", "Ngô", "Huỳnh", "Lý")
_MEN = ("Văn Thành", "Đức Minh", "Hữu Phước", "Văn Sáu", "Quang Huy", "Công Danh", "Văn Tuyển")
_WOMEN = ("Thị Lụa", "Thị Ngọc Ánh", "Thị Bảy", "Thị Hồng Gấm", "Thị Miền", "Thị Thu Nga")
_CHILDREN = ("Gia Bảo", "Khánh Linh", "Minh Khôi", "Bảo Trân", "Tuấn Kiệt", "Hà My")


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture between paragraphs. ``serial`` is unique within the district."""

    serial: int
    caption: str


@dataclass(frozen=True, slots=True)
class Table:
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class File:
    """An attachment: ``name`` as printed, with its ending; ``kind`` is ``pdf`` or ``docx``."""

    serial: int
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Story:
    """One piece of news. ``moment`` is local time (+07:00), naive. ``number`` never changes."""

    number: int
    key: str
    field: str
    moment: dt.datetime
    title: str
    summary: str
    blocks: tuple[Paragraph | Picture | Table, ...]
    byline: str = ""
    files: tuple[File, ...] = ()
    late: bool = False

    @property
    def paragraphs(self) -> tuple[str, ...]:
        return tuple(block.text for block in self.blocks if isinstance(block, Paragraph))

    @property
    def pictures(self) -> tuple[Picture, ...]:
        return tuple(block for block in self.blocks if isinstance(block, Picture))


def stories_of(slug: str) -> tuple[Story, ...]:
    """All stories of a district, newest first, the late ones included."""
    return tuple(sorted(_Desk(district(slug)).stories(), key=lambda s: s.moment, reverse=True))


class _Desk:
    """Composes the stories of one district: dates first, so that no two share a day."""

    def __init__(self, place: District) -> None:
        self.place = place
        self.shift = ("tho-xuan", "hoang-hoa", "vi-thuy").index(place.slug)
        self.taken: set[dt.date] = set(LATE_DAYS)

    def stories(self) -> Iterator[Story]:
        number = 0
        for release in releases():
            if self.place.slug in release.sites:
                number += 1
                day = release.dates[release.sites.index(self.place.slug)]
                self.taken.add(day)
                text = release.text_for(self.place.slug)
                yield Story(
                    number=number,
                    key=release.key,
                    field="thongcao",
                    moment=self._moment(day, self._rng(number)),
                    title=release.title,
                    summary=release.summary,
                    blocks=tuple(Paragraph(line) for line in text),
                    byline=release.source,
                )
        for notice in notices():
            if self.place.slug not in notice.sites:
                continue
            number += 1
            yield self._notice(notice, number)
        bank = topics()
        again = bank[self.shift * 5 + 1 : self.shift * 5 + 6]
        for use, topic in (*((0, t) for t in bank), *((1, t) for t in again)):
            number += 1
            yield self._article(topic, number, self.shift + use)
        for day, topic in zip(LATE_DAYS, (bank[6], bank[27]), strict=True):
            number += 1
            yield self._article(topic, number, self.shift + 2, day)

    def _rng(self, number: int) -> random.Random:
        return random.Random(f"{self.place.slug}/{number}")

    def _free_day(
        self, rng: random.Random, years: tuple[int, int], months: Sequence[int], days: Sequence[int]
    ) -> dt.date:
        while True:
            day = dt.date(rng.randint(*years), rng.choice(months), rng.choice(days))
            if day <= LAST_DAY and day not in self.taken:
                self.taken.add(day)
                return day

    def _moment(self, day: dt.date, rng: random.Random) -> dt.datetime:
        time = dt.time(rng.randint(7, 17), rng.randint(0, 59), rng.randint(1, 59))
        return dt.datetime.combine(day, time)

    def _notice(self, notice: Notice, number: int) -> Story:
        rng = self._rng(number)
        day = self._free_day(rng, (2017, 2025), notice.months, range(1, 29))
        writer = Writer(self._facts(day, rng), rng)
        title = writer.write(notice.title)
        blocks: list[Paragraph | Picture | Table] = [
            Paragraph(writer.write(text)) for text in notice.paragraphs
        ]
        if notice.table:
            rows = tuple(tuple(writer.phrase(cell) for cell in row) for row in notice.table)
            blocks.insert(notice.table_after, Table(rows))
        return Story(
            number=number,
            key=notice.key,
            field="thongbao",
            moment=self._moment(day, rng),
            title=title,
            summary="",
            blocks=tuple(blocks),
            files=tuple(
                File(number * 10 + place, writer.write(name), kind)
                for place, (name, kind) in enumerate(notice.attachments)
            ),
        )

    def _article(self, topic: Topic, number: int, turn: int, day: dt.date | None = None) -> Story:
        rng = self._rng(number)
        late = day is not None
        day = day or self._free_day(rng, topic.years, topic.months, topic.days)
        writer = Writer(self._facts(day, rng), rng)
        writer.facts["hop"] = topic.gathering
        chosen = turn % len(topic.titles)
        title = writer.write(topic.titles[chosen])
        summary = writer.write(topic.leads[min(chosen, len(topic.leads) - 1)])
        pictures = [
            Picture(number * 10 + place, writer.write(caption) if place != 2 else "")
            for place, caption in enumerate(rng.sample(topic.captions, rng.randint(1, 3)))
        ]
        byline = self.place.byline.format(
            nguoi=rng.choice(self.place.reporters), donvi=self.place.unit
        )
        return Story(
            number=number,
            key=topic.key,
            field=topic.field,
            moment=self._moment(day, rng),
            title=title,
            summary=summary,
            blocks=_illustrated(_body(topic, writer, length=(0, 1, 2, 0, 1)[number % 5]), pictures),
            byline=byline if number % 11 != 5 else "",
            late=late,
        )

    def _facts(self, day: dt.date, rng: random.Random) -> dict[str, str]:
        place = self.place
        communes = rng.sample(place.communes, 4)
        leaders = rng.sample(place.leaders_in(day.year), 2)
        crops = rng.sample(place.crops, 2)
        event = day - dt.timedelta(days=rng.randint(0, 2))
        part = rng.choice(("sáng", "chiều"))
        man, woman = (f"{rng.choice(_FAMILY)} {rng.choice(given)}" for given in (_MEN, _WOMEN))
        return {
            **place.facts,
            **{f"xa{order}": commune for order, commune in enumerate(communes, start=1)},
            "lanhdao": leaders[0],
            "lanhdao2": leaders[1],
            "nongsan1": crops[0],
            "nongsan2": crops[1],
            "duong": rng.choice(place.roads),
            "cho": rng.choice(place.markets),
            "truong": rng.choice(place.schools),
            "giong": rng.choice(place.strains),
            "lehoi": rng.choice(place.festivals),
            "ditich": rng.choice(place.relics),
            "vu": place.seasons[event.month in place.second_season],
            "ngay": f"{event.day}/{event.month}/{event.year}",
            "buoi": part.capitalize(),
            "buoi2": part,
            "thang": str(event.month),
            "nam": str(event.year),
            "namtruoc": str(event.year - 1),
            "namsau": str(event.year + 1),
            "quy": "quý " + ("I", "II", "III", "IV")[(event.month - 1) // 3],
            "nhiemky": "2015-2020" if event.year <= 2020 else "2020-2025",
            "ten": man,
            "ong": f"ông {man}",
            "anh": f"anh {man}",
            "dan1": rng.choice((f"ông {man}", f"bà {woman}")),
            "dan2": f"{rng.choice(('ông', 'bác'))} {rng.choice(_FAMILY)} {rng.choice(_MEN)}",
            "chi": f"chị {woman}",
            "hocsinh": f"{rng.choice(_FAMILY)} {rng.choice(_CHILDREN)}",
        }


def _body(topic: Topic, writer: Writer, *, length: int) -> list[str]:
    """The paragraphs of a full article. ``length`` 0 is a report, 1 a long one, 2 adds what the
    visitors saw elsewhere the same day."""
    rng = writer.rng
    paragraphs = _grouped(_told(topic, writer, len(topic.facts) - rng.randint(0, 1)), rng)
    if length or rng.random() < 0.7:
        paragraphs.insert(0, writer.write(rng.choice(shared_sentences("attendance"))))
    related = [other for other in topics() if other.field == topic.field and other != topic]
    for other in rng.sample(related, min(2, len(related)) if length == 2 else 0):
        told = _told(other, writer, len(other.facts) - 2)
        told[0] = writer.write("[Cũng trong đợt này|Cùng thời gian trên], ") + _lower(told[0])
        paragraphs += _grouped(told, rng)
    paragraphs += [
        writer.write(text)
        for text in rng.sample(shared_sentences("shortcomings"), rng.randint(0, 1) + (length > 0))
    ]
    paragraphs += [
        writer.write(text)
        for text in rng.sample(shared_sentences("discussion"), rng.randint(1, 2) + (length > 0))
    ]
    common = rng.sample(shared_sentences("tasks"), rng.randint(3, 5) + 2 * (length > 0))
    tasks = rng.sample(topic.tasks, len(topic.tasks)) + common
    writer.facts["viec"] = "; ".join(writer.phrase(task) for task in tasks)
    paragraphs.append(writer.write(rng.choice(shared_sentences("conclusion"))))
    if rng.random() < 0.6:
        paragraphs.append(writer.write(rng.choice(shared_sentences("closing"))))
    return paragraphs


def _told(topic: Topic, writer: Writer, count: int) -> list[str]:
    order = sorted(writer.rng.sample(range(len(topic.facts)), count))
    return [writer.write(topic.facts[place]) for place in order]


def _grouped(sentences: list[str], rng: random.Random) -> list[str]:
    paragraphs = []
    while sentences:
        size = rng.randint(1, 3)
        paragraphs.append(" ".join(sentences[:size]))
        sentences = sentences[size:]
    return paragraphs


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _illustrated(
    paragraphs: list[str], pictures: list[Picture]
) -> tuple[Paragraph | Picture | Table, ...]:
    blocks: list[Paragraph | Picture | Table] = []
    for place, text in enumerate(paragraphs):
        blocks.append(Paragraph(text))
        if place < len(pictures):
            blocks.append(pictures[place])
    return tuple(blocks)
