"""Helpers for tests of the Data page: choose a set, upload one, read its numbers."""

import io
import zipfile

from tests.data.files.pictures import png

DATA = "pages/7_Data.py"


def settled(browser, tries=40):
    """The page after its set has been read. AppTest does not run fragments by itself, so rerun the page."""
    for _ in range(tries):
        if not browser.has("stop_reading"):
            return browser
        browser.look()
    raise AssertionError("the set is still being read")


def choose(browser, option):
    browser.app.selectbox(key="data_set").set_value(option)
    return settled(browser.look())


def field(browser, kind, label):
    return next(widget for widget in browser.app.get(kind) if widget.label == label)


def numbers(browser):
    return {metric.label: metric.value for metric in browser.app.metric}


def zipped(**files):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


PHOTOS = zipped(
    **{f"cat/{n}.png": png(20 + n, 30, seed=n) for n in range(6)},
    **{f"dog/{n}.png": png(20 + n, 30, seed=10 + n) for n in range(6)},
    **{"dog/again.png": png(20, 30, seed=10), "dog/broken.png": b"broken", "cat/empty.jpg": b""},
)  # fmt: skip


def upload(browser, *files, folder=None):
    browser.app.file_uploader[0].set_value([(name, content, "application/octet-stream") for name, content in files])
    browser.look()
    if folder:
        browser.app.text_input(key="upload_folder").set_value(folder)
    return settled(browser.click("keep_upload"))


def drafted(browser):
    return browser.app.session_state["draft"].workflow
