"""Images are served only after they were measured, and only as they were measured."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest
from aiohttp import web

from aifactory_iac.providers.provisioning.folder import Folder
from aifactory_iac.providers.provisioning.images import ImageError, Images


@pytest.fixture
def images(tmp_path: Path) -> Images:
    return Images(Folder(tmp_path / "service"))


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def placed(images: Images, content: bytes, name: str | None = None) -> Path:
    place = images.folder.image(name or digest(content))
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def test_an_image_that_has_its_digest_is_opened(images):
    placed(images, b"abc")
    found = asyncio.run(images.open(digest(b"abc")))
    with found.file:
        assert (found.size, found.read(1, 5)) == (3, b"bc")


def test_there_may_be_no_image(images):
    assert asyncio.run(images.open(digest(b"abc"))) is None


def test_an_image_with_other_bytes_is_refused_and_closed(images):
    placed(images, b"other", digest(b"abc"))
    with pytest.raises(ImageError, match="has other bytes: sha256:"):
        asyncio.run(images.open(digest(b"abc")))


def test_it_is_summed_once_and_again_when_it_was_touched(images, monkeypatch):
    place, sums = placed(images, b"abc"), []
    real = hashlib.file_digest
    monkeypatch.setattr(
        "aifactory_iac.providers.provisioning.images.hashlib.file_digest",
        lambda *given: sums.append(1) or real(*given),
    )

    async def twice() -> None:
        for found in await asyncio.gather(*(images.open(digest(b"abc")) for _ in range(3))):
            found.file.close()

    asyncio.run(twice())
    assert len(sums) == 1
    os.utime(place, ns=(1, 1))
    asyncio.run(images.open(digest(b"abc"))).file.close()
    assert len(sums) == 2


def test_what_changes_while_it_is_read_is_not_read_on(images):
    place = placed(images, b"abc")
    found = asyncio.run(images.open(digest(b"abc")))
    with found.file:
        place.write_bytes(b"xyz-and-more")
        with pytest.raises(ImageError, match="changed while it was read"):
            found.read(0, 3)


def test_a_file_is_fetched(images, tmp_path):
    (tmp_path / "a image").mkdir()
    (tmp_path / "a image" / "x").write_bytes(b"abc")
    url = f"file://{tmp_path}/a%20image/x"
    assert asyncio.run(images.obtain(url, digest(b"abc"))) is True
    assert images.folder.image(digest(b"abc")).read_bytes() == b"abc"
    assert images.folder.image(digest(b"abc")).stat().st_mode & 0o777 == 0o444
    assert asyncio.run(images.obtain(url, digest(b"abc"))) is False


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///nowhere/x", "file:///nowhere/x: No such file or directory"),
        ("http://127.0.0.1:1/x", "http://127.0.0.1:1/x: ClientConnectorError"),
    ],
)
def test_what_cannot_be_had_leaves_nothing(images, url, said):
    with pytest.raises(ImageError) as refused:
        asyncio.run(images.obtain(url, digest(b"abc")))
    assert str(refused.value) == said
    left = [path for path in images.folder.image("x").parent.iterdir() if path.suffix != ".lock"]
    assert left == []


class Source:
    """Serves one image over HTTP, and counts."""

    def __init__(self, content: bytes, status: int = 200) -> None:
        self.content, self.status, self.asked = content, status, 0

    async def serve(self, _request: web.Request) -> web.Response:
        self.asked += 1
        await asyncio.sleep(0.05)
        return web.Response(body=self.content, status=self.status)

    async def run(self, use) -> object:
        app = web.Application()
        app.router.add_get("/x", self.serve)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            return await use(f"http://127.0.0.1:{runner.addresses[0][1]}/x")
        finally:
            await runner.cleanup()


def test_of_many_that_want_an_image_one_fetches_it(images):
    source = Source(b"abc" * 500_000)

    async def fetch(url: str) -> list[bool]:
        wanted = digest(source.content)
        others = [Images(images.folder) for _ in range(5)]
        return list(await asyncio.gather(*(one.obtain(url, wanted) for one in others)))

    assert sorted(asyncio.run(source.run(fetch))) == [False] * 4 + [True]
    assert source.asked == 1


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source(b"other"), "is not the image"),
        (Source(b"", 404), "the server answers 404"),
    ],
    ids=["another", "none"],
)
def test_what_is_not_the_image_is_not_kept(images, source, said):
    async def fetch(url: str) -> None:
        with pytest.raises(ImageError, match=said):
            await images.obtain(url, digest(b"abc"))

    asyncio.run(source.run(fetch))
    assert asyncio.run(images.open(digest(b"abc"))) is None
