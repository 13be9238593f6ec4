import io

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest


def drawn(content: bytes, width: int) -> str:
    """The address of a picture drawn alone in a page, which Streamlit derives from its bytes."""

    def page(content: bytes, width: int) -> None:
        from pages.components.shell.pictures import picture

        picture(content, width, "A square")

    app = AppTest.from_function(page, args=(content, width)).run()
    (address,) = app.image[0].value
    return address


@pytest.mark.parametrize("kind", ["png", "gif"])
def test_a_picture_is_sent_as_it_is_at_any_width(kind):
    stream = io.BytesIO()
    frames = [Image.new("L", (400, 400), shade) for shade in (0, 255)]
    frames[0].save(stream, kind, save_all=kind == "gif", append_images=frames[1:])
    assert drawn(stream.getvalue(), 100) == drawn(stream.getvalue(), 800)
    assert drawn(stream.getvalue(), 100).endswith(f".{kind}")
