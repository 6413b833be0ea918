"""Articles for measuring search: any number of them, the same at every run, about 5 KB each.

The vocabulary is made up here. Syllables and the words made of them follow Zipf's law, so that common
syllables are in nearly every article and most are in few, as in written Vietnamese; what offices always
write ("ủy ban nhân dân", "nông thôn mới") stands in much of it. Every article is about one of sixty topics,
and comes back to the few words of its title. One in thirty is a copy of another on some other portal, one
in forty an edited copy.
"""

from __future__ import annotations

import random
from bisect import bisect
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from archive.query import slug_of
from archive.schema import Article, Attachment
from archive.vietnamese import is_syllable

PORTALS = 700


def _split(text: str, mark: str = " ") -> tuple[str, ...]:
    return tuple(text.split(mark))


COPY_EVERY, EDITED_COPY_EVERY = 30, 40

_ONSETS = _split("b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x")
_RIMES = _split(
    "a à á ả ạ an án ang àng áng anh ánh ành ao ạo ai ài ay ây ấy ầu ẩu ăn ắn ăng ắng "
    "em ên ến ền ện ênh ết ệt ế ề ệ i í ì ị iên iến iền iện iêu iểu iệu ích inh ình ính it ít "
    "o ó ò ọ oa on ong òng ông ổng ống ồng ộng ôi ối ội ơi ới ơn ờn ợp ợi ô ố ồ ổ ộ "
    "u ú ù ụ ung úng ùng uyên uyện uyết uân uận uất ục ú ư ứ ừ ự ưng ừng ước ược ương ường ưỡng ượng ươi "
    "ac ác ạc at át ạt âm ấm ầm ập ấp ậu eo éo iếp iệp oàn oạn oát uốc uộc uôi uổi"
)
_GRAMMAR = _split(
    "và của các là trong được cho với có những đã này khi để từ một theo về tại đến ra trên sau "
    "không người năm ngày nhiều đó còn cũng do vào như bị sẽ phải lại nên đang hơn cùng nhất qua"
)
_OFFICE = _split(
    "ủy ban nhân dân|hội đồng nhân dân|nông thôn mới|xây dựng|phát triển kinh tế|nghị quyết|hội nghị|"
    "chính quyền|đảng bộ|huyện ủy|ban chấp hành|đại hội|nhiệm vụ|kế hoạch|thực hiện|tổ chức|"
    "cán bộ|đảng viên|nhân dân|lãnh đạo|chủ tịch|phó chủ tịch|bí thư|đồng chí|địa bàn huyện|các xã|"
    "thị trấn|công tác|tuyên truyền|chuyển đổi số|cải cách hành chính|thủ tục hành chính|an ninh trật tự|"
    "quốc phòng|văn hóa|giáo dục|đào tạo|y tế|học sinh|giáo viên|trường trung học cơ sở|phụ nữ|thanh niên|"
    "cựu chiến binh|mặt trận tổ quốc|người cao tuổi|hộ nghèo|giảm nghèo|nông nghiệp|sản xuất|"
    "cây trồng|vật nuôi|phòng chống dịch|tiêm chủng|bảo hiểm xã hội|giải phóng mặt bằng|đất đai|"
    "quy hoạch|đầu tư công|ngân sách|doanh nghiệp|hợp tác xã|sản phẩm|du lịch|di tích|lễ hội|"
    "bầu cử|cử tri|đại biểu quốc hội|tiếp công dân|khiếu nại tố cáo|thanh tra|kiểm tra giám sát|"
    "môi trường|rác thải|phòng cháy chữa cháy|giao thông|đường liên xã|thủy lợi|hồ chứa|bão lũ|"
    "thương binh liệt sĩ|người có công|hiến máu|khuyến học|thể dục thể thao|dân vận|tôn giáo|dân tộc",
    "|",
)
_FAMILY = _split("Nguyễn Trần Lê Phạm Hoàng Vũ Đặng Bùi Đỗ Hồ Ngô Dương Lý")
_MIDDLE = _split("Văn Thị Hữu Đức Minh Thanh Quang Ngọc Xuân Đình Công Hồng")
_GIVEN = _split(
    "An Anh Bình Chiến Cường Dũng Dung Hà Hải Hạnh Hiền Hòa Hùng Hương Khánh Lan Linh Long Mai Nam Nga "
    "Phong Phúc Quân Quý Sơn Tâm Thắng Thành Thảo Thủy Tiến Toàn Trang Trung Tuấn Tùng Việt Vinh Yến"
)
_CATEGORIES = _split(
    "Tin tức - Sự kiện|Chính trị|Kinh tế|Văn hóa - Xã hội|Quốc phòng - An ninh|Y tế|Giáo dục|"
    "Thông báo|Văn bản chỉ đạo điều hành|Lịch công tác|Nông thôn mới|Cải cách hành chính|Đảng - Đoàn thể|"
    "Tuyên truyền pháp luật|Môi trường|Du lịch|Gương người tốt việc tốt|Chuyển đổi số",
    "|",
)
_KINDS = ("QĐ-UBND", "KH-UBND", "NQ-HĐND", "CV-UBND", "TB-UBND", "NQ/TW")

_WORDS = 30_000
_TOPICS = 60
_TOPIC_WORDS = 60
_FIRST_DAY, _DAYS = date(2006, 1, 1), 7_100


@dataclass(frozen=True, slots=True)
class Portal:
    """A made-up portal."""

    slug: str
    name: str
    province: str


@dataclass(frozen=True, slots=True)
class Made:
    """A made-up article and the portal that prints it."""

    site: str
    article: Article


@dataclass(frozen=True, slots=True)
class _Topic:
    """What an article of this topic draws its words from."""

    words: tuple[str, ...]
    weights: tuple[float, ...]
    own: tuple[str, ...]


@cache
def syllables() -> tuple[str, ...]:
    """All syllables of the vocabulary, the most frequent first."""
    every = [onset + rime for onset in ("", *_ONSETS) for rime in _RIMES]
    every = sorted({s for s in every if is_syllable(s)})
    random.Random(1).shuffle(every)
    return tuple(every)


@cache
def words() -> tuple[str, ...]:
    """Words of one or two syllables, the most frequent first."""
    choice = random.Random(2)
    weights = tuple(accumulate(1 / (rank + 3) ** 0.8 for rank in range(len(syllables()))))
    first = choice.choices(syllables(), cum_weights=weights, k=2 * _WORDS)
    second = choice.choices(syllables(), cum_weights=weights, k=2 * _WORDS)
    pairs = (
        a if choice.random() < 0.12 else f"{a} {b}" for a, b in zip(first, second, strict=True)
    )
    return tuple(dict.fromkeys(pairs))[:_WORDS]


@cache
def portals() -> tuple[Portal, ...]:
    """The portals, the largest first."""
    choice = random.Random(3)
    found: dict[str, Portal] = {}
    provinces = [_name(choice) for _ in range(60)]
    while len(found) < PORTALS:
        name = _name(choice)
        portal = Portal(slug_of(name), f"Huyện {name}", choice.choice(provinces))
        found.setdefault(portal.slug, portal)
    return tuple(found.values())


def made(number: int) -> Made:
    """The article of that number, from 0; a pure function."""
    if number % COPY_EVERY == COPY_EVERY - 1:
        original = made(number - 1 - number % 17 if number > 20 else 0)
        site = portals()[number % PORTALS].slug
        return Made(site, replace(original.article, url=_url(site, number)))
    if number % EDITED_COPY_EVERY == EDITED_COPY_EVERY - 2:
        original = made(number - 3 - number % 13 if number > 20 else 0)
        site = portals()[number % PORTALS].slug
        body = original.article.body_text.replace(". ", ".\n", 1) + "\nTheo trang tin của huyện."
        return Made(site, replace(original.article, url=_url(site, number), body_text=body))
    choice = random.Random(number * 2 + 1)
    site = choice.choices(portals(), cum_weights=_portal_weights())[0].slug
    return Made(site, _article(choice, _url(site, number)))


def person(choice: random.Random) -> str:
    """A name of three syllables; few people share one."""
    weights = _name_weights()
    family = _FAMILY[bisect(weights, choice.random() * weights[-1])]
    return f"{family} {choice.choice(_MIDDLE)} {choice.choice(_GIVEN)}"


def office_phrase(choice: random.Random) -> str:
    """What offices often write."""
    return choice.choice(_OFFICE)


def document_number(choice: random.Random) -> str:
    """The number of a document, such as ``1234/QĐ-UBND``."""
    return f"{choice.randint(1, 4_000)}/{choice.choice(_KINDS)}"


def topic_words(choice: random.Random) -> tuple[str, ...]:
    """The words of one topic, those that mark it most first."""
    return _topics()[choice.randrange(_TOPICS)].own


def _article(choice: random.Random, url: str) -> Article:
    topic = _topics()[min(int(choice.expovariate(0.05)), _TOPICS - 1)]
    length = min(1_800, max(50, int(choice.lognormvariate(5.93, 0.55))))
    focus = [choice.choice(topic.own[:30]) for _ in range(3)] + [choice.choice(_OFFICE)]
    drawn = choice.choices(topic.words, cum_weights=topic.weights, k=length)
    for word in focus:
        for _ in range(1 + int(choice.expovariate(0.25))):
            drawn[choice.randrange(length)] = word
    people = [person(choice) for _ in range(1 + length // 120)]
    for name in people:
        for _ in range(choice.randint(1, 3)):
            drawn[choice.randrange(length)] = f"đồng chí {name}"
    drawn[choice.randrange(length)] = f"số {document_number(choice)}"
    title = f"{choice.choice(_OFFICE)} {focus[0]} {focus[1]} {choice.choice(topic.words)}"
    published = _FIRST_DAY + timedelta(days=int(_DAYS * choice.random() ** 0.6))
    clock = f"T{choice.randint(7, 17):02}:{choice.randint(0, 59):02}:00+07:00"
    attachments: tuple[Attachment, ...] = ()
    if choice.random() < 0.15:
        number = document_number(choice)
        attachments = (Attachment(f"{url}.pdf", f"Quyết định số {number}", "application/pdf"),)
    return Article(
        url=url,
        title=title[:1].upper() + title[1:],
        summary=_sentence(drawn[: min(30, length // 3)]),
        body_text=_body(choice, drawn),
        author=f"{choice.choice(people)} - Phòng {choice.choice(_OFFICE)}",
        category=(choice.choice(_CATEGORIES),),
        published_at=published.isoformat() + clock if choice.random() < 0.97 else None,
        attachments=attachments,
    )


def _body(choice: random.Random, drawn: list[str]) -> str:
    paragraphs, sentences, at = [], [], 0
    while at < len(drawn):
        end = at + choice.randint(7, 18)
        sentences.append(_sentence(drawn[at:end]))
        at = end
        if len(sentences) == 5:
            paragraphs.append(" ".join(sentences))
            sentences = []
    return "\n".join([*paragraphs, " ".join(sentences)]).strip()


def _sentence(drawn: list[str]) -> str:
    text = " ".join(drawn)
    return f"{text[:1].upper()}{text[1:]}."


def _name(choice: random.Random) -> str:
    first, second = choice.choice(syllables()), choice.choice(syllables())
    return f"{first.capitalize()} {second.capitalize()}"


def _url(site: str, number: int) -> str:
    return f"https://{site}.example/tin-tuc/{number}.html"


@cache
def _portal_weights() -> tuple[float, ...]:
    return tuple(accumulate(1 / (rank + 100) for rank in range(PORTALS)))


@cache
def _name_weights() -> tuple[float, ...]:
    return tuple(accumulate(1 / (rank + 1) for rank in range(len(_FAMILY))))


@cache
def _topics() -> tuple[_Topic, ...]:
    choice = random.Random(4)
    general = [1 / (rank + 8) for rank in range(_WORDS)]
    scale = 0.42 / sum(general)
    grammar = [1 / (rank + 4) for rank in range(len(_GRAMMAR))]
    office = [1 / (rank + 10) for rank in range(len(_OFFICE))]
    topics = []
    for _ in range(_TOPICS):
        own = (*choice.sample(_OFFICE, 6), *choice.sample(words()[50:12_000], _TOPIC_WORDS))
        marked = [1 / (rank + 5) for rank in range(len(own))]
        parts = (
            (_GRAMMAR, grammar, 0.28 / sum(grammar)),
            (_OFFICE, office, 0.10 / sum(office)),
            (own, marked, 0.20 / sum(marked)),
            (words(), general, scale),
        )
        topics.append(
            _Topic(
                tuple(word for group, _, _ in parts for word in group),
                tuple(accumulate(w * share for _, each, share in parts for w in each)),
                own,
            )
        )
    return tuple(topics)
