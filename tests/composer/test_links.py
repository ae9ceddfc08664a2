"""What a pasted link is good for, before anything is asked of it."""

import httpx
import pytest

from composer.links import explain_site, name_of_file


@pytest.mark.parametrize(
    ("link", "site"),
    [
        ("https://drive.google.com/file/d/1a2b/view?usp=sharing", "Google Drive"),
        ("https://drive.google.com/uc?export=download&id=1a2b", "Google Drive"),
        ("https://docs.google.com/document/d/1a2b", "Google Drive"),
        ("https://photos.app.goo.gl/abc", "Google Photos"),
        ("https://photos.google.com/share/abc", "Google Photos"),
        ("https://www.dropbox.com/scl/fi/abc/film.mp4?rlkey=x&dl=0", "Dropbox"),
        ("https://www.dropbox.com/s/abc/film.mp4", "Dropbox"),
        ("https://dropbox.com/s/abc/film.mp4?adl=1", "Dropbox"),
        ("https://1drv.ms/v/s!abc", "OneDrive or SharePoint"),
        ("https://onedrive.live.com/?id=abc", "OneDrive or SharePoint"),
        ("https://acme-my.sharepoint.com/:v:/g/personal/abc", "OneDrive or SharePoint"),
        ("https://www.icloud.com/iclouddrive/abc", "iCloud"),
        ("https://share.icloud.com/photos/abc", "iCloud"),
        ("https://we.tl/t-abc", "WeTransfer"),
        ("https://wetransfer.com/downloads/abc", "WeTransfer"),
        ("https://app.box.com/s/abc", "Box"),
        ("https://mega.nz/file/abc#key", "MEGA"),
        ("https://app.frame.io/reviews/abc", "Frame.io"),
        ("https://www.canva.com/design/abc/view", "Canva"),
        ("https://www.youtube.com/watch?v=abc", "YouTube"),
        ("https://youtu.be/abc", "YouTube"),
        ("https://m.youtube.com/shorts/abc", "YouTube"),
        ("https://www.tiktok.com/@poppy/video/1", "TikTok"),
        ("https://vm.tiktok.com/abc/", "TikTok"),
        ("https://www.instagram.com/reel/abc/", "Instagram"),
        ("https://fb.watch/abc/", "Facebook"),
        ("https://x.com/poppy/status/1", "X"),
        ("https://vimeo.com/123", "Vimeo"),
        ("https://WWW.YouTube.COM./watch?v=abc", "YouTube"),
    ],
)
def test_a_page_around_a_file_is_known_by_its_site_and_says_what_to_do(link: str, site: str) -> None:
    said = explain_site(httpx.URL(link))
    assert said.startswith(f"This is a link to a page of {site}, not to the file itself. ")
    assert "upload" in said


@pytest.mark.parametrize(
    "link",
    [
        "https://media.example/film.mp4",
        "https://www.dropbox.com/scl/fi/abc/film.mp4?rlkey=x&dl=1",
        "https://www.dropbox.com/s/abc/film.mp4?raw=1",
        "https://dl.dropboxusercontent.com/s/abc/film.mp4",
        "https://cvws.icloud-content.com/B/abc/film.mp4",
        "https://notyoutube.com/film.mp4",
        "https://youtube.com.example.org/film.mp4",
        "https://fox.com/film.mp4",
        "https://cdn.example/x.com/film.mp4",
    ],
)
def test_other_links_are_simply_tried(link: str) -> None:
    assert explain_site(httpx.URL(link)) == ""


@pytest.mark.parametrize(
    ("link", "header", "name"),
    [
        ("https://media.example/films/fog%20walk.mp4?token=1", "", "fog walk.mp4"),
        ("https://media.example/K%C3%A4se.mp4", "", "Käse.mp4"),
        ("https://media.example/dl?id=7&file=fog.mp4", "", "dl"),
        ("https://media.example/?id=7&file=fog.mp4", "", "fog.mp4"),
        ("https://media.example/", "", "media.example"),
        ("https://media.example/x", 'attachment; filename="fog.mp4"', "fog.mp4"),
        ("https://media.example/x", "attachment; filename*=UTF-8''K%C3%A4se.mp4", "Käse.mp4"),
        ("https://media.example/x", 'attachment; filename="K\u00c3\u00a4se.mp4"', "Käse.mp4"),
        ("https://media.example/fog.mp4", "attachment", "fog.mp4"),
        ("https://media.example/fog.mp4", 'attachment; filename=""', "fog.mp4"),
        ("https://media.example/fog.mp4", "filename*=nonsense''%ff", "fog.mp4"),
        ("https://media.example/fog.mp4", "\u00ff;;;=", "fog.mp4"),
    ],
)
def test_the_name_is_the_servers_word_or_the_links_last_part(link: str, header: str, name: str) -> None:
    assert name_of_file(httpx.URL(link), header) == name
