import re

from pipeline.studio import manual


def test_the_sections_of_the_readme_come_in_its_order_without_pictures_and_links_to_files():
    sections = manual.sections()
    assert next(iter(sections)) == "Two commands" and "The debugger" in sections
    assert "**Break.**" in sections["The debugger"]
    for text in sections.values():
        assert "![" not in text
        assert re.findall(r"\]\((?!https?:)", text) == []


def test_without_a_readme_there_is_nothing_to_read(tmp_path, monkeypatch):
    monkeypatch.setattr(manual, "README", tmp_path / "README.md")
    assert manual.sections.__wrapped__() == {}
