"""Own stories for the reading tests: what they say, and what a reading must make of them."""

from __future__ import annotations

from dataclasses import dataclass

from markup import Picture, Story


@dataclass(frozen=True)
class Expected:
    """What a reading of a story must give, written by hand."""

    title: str
    published_at: str
    summary: str
    paragraphs: tuple[str, ...]
    author: str
    category: tuple[str, ...]
    captions: tuple[str, ...]
    view_count: int | None = None


_IRRIGATION = Story(
    slug="huyen-mau-ra-quan-nao-vet-kenh-muong-vu-dong-xuan",
    category="Kinh tế - Nông nghiệp",
    title="Huyện Mẫu ra quân nạo vét kênh mương vụ Đông Xuân",
    date_line="Đăng lúc: 08:15:30 09/11/2021 (GMT+7)",
    lead=(
        "Sáng 08/11/2021, tại cánh đồng Bãi Giữa, xã Tân Mẫu, Ủy ban nhân dân huyện Mẫu tổ chức lễ ra quân nạo vét"
        " kênh mương phục vụ sản xuất vụ Đông Xuân 2021 - 2022."
    ),
    parts=(
        Picture("1 (2).jpg", "( Quang cảnh buổi lễ)"),
        "Dự lễ ra quân có lãnh đạo các phòng, ban của huyện, đại diện các xã, thị trấn và hơn 300 đoàn viên thanh niên.",
        "Theo kế hoạch, toàn huyện sẽ nạo vét 42 tuyến kênh với chiều dài 61,5 km, khối lượng đào đắp 38.000 m3, hoàn"
        " thành trước ngày 25/12/2021.",
        Picture("IMG_0042.JPG"),
        "Phát biểu tại buổi lễ, lãnh đạo huyện yêu cầu các xã huy động nhân lực, phương tiện, bảo đảm tiến độ và an toàn"
        " lao động; đơn vị nào hoàn thành sớm sẽ được khen thưởng.",
        "Ngay sau lễ phát động, các đại biểu và bà con xã viên đã xuống đồng vớt bèo, khơi thông hai tuyến kênh chính.",
    ),
    byline="Trần Văn Mẫu, Trung tâm VHTT&TT huyện",
)

_OPEN_HOUR = Story(
    slug="tiep-nhan-ho-so-cap-doi-giay-phep",
    category="Tin Tức huyện Mẫu",
    title="Tiếp nhận hồ sơ cấp đổi giấy phép tại nhà cho người cao tuổi",
    date_line="[ Cập nhật vào ngày (17/03/2021) ] - [ Số lần xem: 1.284 ]",
    lead=(
        "Vừa qua, Bộ phận Một cửa huyện Mẫu bắt đầu tiếp nhận hồ sơ cấp đổi giấy phép tại nhà cho người cao tuổi, người"
        " khuyết tật trên địa bàn."
    ),
    parts=(
        "Chỉ cần một cuộc điện thoại, cán bộ tiếp nhận sẽ đến tận nơi hướng dẫn kê khai và thu hồ sơ, không thu thêm lệ phí.",
        Picture("17.3b.jpg", "Cán bộ Một cửa hướng dẫn người dân kê khai hồ sơ"),
        "Sau hai tháng thực hiện, đã có 126 lượt người được phục vụ, giảm trung bình 2,5 lượt đi lại cho mỗi hồ sơ.",
        "Trong thời gian tới, mô hình sẽ được nhân rộng ra tất cả các xã, thị trấn.",
    ),
    byline="Thanh Mẫu",
    glued_to_byline="Các ý kiến của bạn đọc",
    zoom=False,
)

_SHORT_NOTICE = Story(
    slug="thong-bao-tam-ngung-cap-nuoc-khu-pho-3",
    title="Thông báo tạm ngừng cấp nước khu phố 3",
    date_line="Đăng lúc: 05/06/2023 (GMT+7)",
    lead="Để sửa chữa đường ống, Trạm cấp nước thị trấn Mẫu tạm ngừng cấp nước tại khu phố 3 từ 8 giờ đến 17 giờ ngày 07/6.",
    parts=("Đề nghị bà con chủ động dự trữ nước sinh hoạt.",),
)

STORIES: dict[str, tuple[Story, Expected]] = {
    "irrigation": (
        _IRRIGATION,
        Expected(
            title="Huyện Mẫu ra quân nạo vét kênh mương vụ Đông Xuân",
            published_at="2021-11-09T08:15:30+07:00",
            summary=_IRRIGATION.lead,
            paragraphs=tuple(p for p in _IRRIGATION.parts if isinstance(p, str)),
            author="Trần Văn Mẫu, Trung tâm VHTT&TT huyện",
            category=("Kinh tế - Nông nghiệp",),
            captions=("Quang cảnh buổi lễ", ""),
        ),
    ),
    "open-hour": (
        _OPEN_HOUR,
        Expected(
            title="Tiếp nhận hồ sơ cấp đổi giấy phép tại nhà cho người cao tuổi",
            published_at="2021-03-17",
            summary=_OPEN_HOUR.lead,
            paragraphs=tuple(p for p in _OPEN_HOUR.parts if isinstance(p, str)),
            author="Thanh Mẫu",
            category=("Tin Tức huyện Mẫu",),
            captions=("Cán bộ Một cửa hướng dẫn người dân kê khai hồ sơ",),
            view_count=1284,
        ),
    ),
    "short-notice": (
        _SHORT_NOTICE,
        Expected(
            title="Thông báo tạm ngừng cấp nước khu phố 3",
            published_at="2023-06-05",
            summary=_SHORT_NOTICE.lead,
            paragraphs=("Đề nghị bà con chủ động dự trữ nước sinh hoạt.",),
            author="",
            category=(),
            captions=(),
        ),
    ),
}
