"""What the letters of a stage's formula stand for, in words, as Markdown with formulas in it."""

SYMBOLS = {
    r"\tilde{x}": r"$\tilde{x}$ the reconstruction of image $x$, $\lVert \cdot \rVert$ taken over all its pixels",
    r"\tilde{b}": r"$b$ is the brightness of a pixel from 0 to 1, $\tilde{b}$ that of its reconstruction",
    r"\mu": r"$\mu$ and $\sigma$ are the mean and the standard deviation that the encoder gives of each code",
    r"\varepsilon": r"$\varepsilon$ is noise, $z$ the code",
    r"\beta": r"$\beta$ is the weight of the KL term",
    r"\mathbb{E}": r"$\mathbb{E}$ is the mean over the batch",
}
"""What in a formula stands for what."""


def formula_words(formula: str, probability: bool) -> str:
    """The letters of a formula, "" for no formula. probability: whether a score becomes a probability of "real"."""
    if not formula:
        return ""
    if r"\tilde" in formula or r"\varepsilon" in formula:
        return f"{'; '.join(words for symbol, words in SYMBOLS.items() if symbol in formula)}."
    if "D(" not in formula:
        return "$w$ is a weight of the network."
    score = r"its score before the sigmoid $\sigma$ makes a probability of it" if probability else "its score"
    mixed = r", $\hat{x}$ one on the line between the two" if r"\hat{x}" in formula else ""
    mixed += r", $\delta$ a little noise" if r"\delta" in formula else ""
    images = rf"$x$ is a real image, $G(z)$ a generated one{mixed}"
    words = rf"{images}, $D(\cdot)$ {score}; $\mathbb{{E}}$ is the mean over the batch."
    return words + (r" $\operatorname{softplus}(t) = \log(1 + e^t)$." if "softplus" in formula else "")
