from pipeline.graph import document
from pipeline.runs.series import Series, undeclared
from pipeline.studio import workflows
from pipeline.studio.charts import expressions


def words(*series):
    table = expressions.vocabulary(series)
    return dict(zip(table["Name"].to_pylist(), table["What it is"].to_pylist(), strict=True))


def test_names_are_listed_with_the_meaning_of_their_series():
    found = words(Series("style", "distance of styles", None), undeclared("gone"))
    assert found["step"] == "number of the step, from 1"
    assert found["style"] == "distance of styles"
    assert found["gone"] == "recorded by a node that is not loaded"
    assert "abs(x)" in found


def test_every_series_of_a_run_is_listed_in_order():
    series = workflows.series_of(document.write(workflows.open_template("wgan-gp")))
    found = words(*series)
    assert found["critic_slope"] == "mean L2 norm of the critic's gradient with respect to its input; the target is 1"
    assert found["seconds"] == "seconds of training so far"
    assert list(found)[1 : len(series) + 1] == [each.name for each in series]


def test_an_expression_with_an_unknown_metric_is_refused():
    assert expressions.refusal("loss > 2", ["loss"]) == ""
    assert "There is no metric 'kl'" in expressions.refusal("kl > 2", ["loss"])
