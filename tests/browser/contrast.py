"""The contrast of every visible text of a page to what is behind it, measured in the browser after WCAG 2."""

from typing import NamedTuple

from playwright.sync_api import Page

TEXT, ICON = 4.5, 3.0
CHOSEN = 3.0
"""Of the chosen segment and a slider's value in the dark theme: Streamlit writes them in the colour of primary buttons,
and on those it writes white, so no colour reaches 4.5:1 for both."""

_JS = """
() => {
  const canvas = document.createElement("canvas");
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  const known = new Map();
  const channels = (text) => {
    if (!known.has(text)) {
      drawing.clearRect(0, 0, 1, 1);
      drawing.fillStyle = text;
      drawing.fillRect(0, 0, 1, 1);
      const [r, g, b, a] = drawing.getImageData(0, 0, 1, 1).data;
      known.set(text, [r, g, b, a / 255]);
    }
    return known.get(text);
  };
  const over = (top, below) => [0, 1, 2].map((at) => top[at] * top[3] + below[at] * (1 - top[3]));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((each) => {
      const share = each / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };
  const holds = (element, x, y) => {
    const box = element.getBoundingClientRect();
    return box.left <= x && x <= box.right && box.top <= y && y <= box.bottom;
  };
  // Behind what is scrolled out of the window: boxes that end with the window do not hold it.
  const page = channels(getComputedStyle(document.querySelector("[data-testid=stApp]")).backgroundColor).slice(0, 3);
  const chosen =
    "[data-testid=stBaseButton-segmented_controlActive], [role=radio][aria-checked=true]," +
    "[data-testid=stSliderThumbValue]";
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode.textContent.trim();
    const element = texts.currentNode.parentElement;
    const box = element.getBoundingClientRect();
    if (!text || box.width < 2 || box.height < 2) continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (element.closest("[disabled], [aria-disabled=true], [data-testid=stPaginationEllipsis]")) continue;
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    const behind = [];
    let opacity = 1;
    for (let each = element; each; each = each.parentElement) {
      const style = getComputedStyle(each);
      opacity *= style.opacity;
      // A label beside its parent, such as a slider's, has what is behind the parent behind it.
      if (holds(each, x, y)) behind.unshift(channels(style.backgroundColor));
    }
    const ground = behind.reduce((below, top) => over(top, below), page);
    const style = getComputedStyle(element);
    const [r, g, b, a] = channels(element.closest("svg") ? style.fill : style.color);
    found.push({
      text: text.slice(0, 40),
      contrast: contrast(over([r, g, b, a * opacity], ground), ground),
      icon: style.fontFamily.includes("Material"),
      chosen: element.closest(chosen) !== null,
    });
  }
  return found;
}
"""


class Faint(NamedTuple):
    """A text with too little contrast."""

    text: str
    contrast: float


def texts_measured(page: Page) -> tuple[int, list[Faint]]:
    """The number of texts, and those with too little contrast. Disabled controls do not count."""
    found = page.evaluate(_JS)
    least = {(False, False): TEXT, (True, False): ICON, (False, True): CHOSEN, (True, True): CHOSEN}
    return len(found), [
        Faint(each["text"], round(each["contrast"], 2))
        for each in found
        if each["contrast"] < least[each["icon"], each["chosen"]]
    ]
