import pytest

from pages.components.run.chart_zoom import BEGIN, END, drag_of


def test_a_drag_has_a_begin_and_an_end():
    assert drag_of({BEGIN: [{"x": 120}], END: [{"x": 40.5}]}) == (120, 40.5)


@pytest.mark.parametrize(
    "selection",
    [
        {},
        {BEGIN: {}, END: {}},
        {BEGIN: [{"x": 1}]},
        {BEGIN: [{"x": 1}], END: {}},
        {BEGIN: [{"x": 1}], END: [{"x": 1}]},
        {BEGIN: [{"x": None}], END: [{"x": "2"}]},
        {BEGIN: [{}], END: [{"y": 2}]},
    ],
)
def test_a_click_is_not_a_drag(selection):
    assert drag_of(selection) is None
