"""The table of a network's layers, in which a residual block is one row or opened."""

from streamlit.testing.v1 import AppTest


def shown(plan: str) -> AppTest:
    app = AppTest.from_string(
        f"""
        from dataclasses import replace
        from pages.components.workflow.layer_table import layer_table
        from pipeline.models import dcgan, resnet
        from pipeline.models.layers import table_of
        layer_table("Discriminator", table_of({plan}))
        """
    ).run()
    assert not app.exception
    return app


def layers(app: AppTest) -> list[str]:
    return app.dataframe[0].value["Layer"].tolist()


def test_a_residual_block_is_one_row_until_it_is_opened():
    app = shown("resnet.discriminator_plan((1, 28, 28), 16)")
    closed = app.dataframe[0].value
    assert layers(app) == ["down_block_1", "down_block_2", "block_1", "relu_1", "global_pool_1", "linear_1"]
    app.toggle(key="inside_blocks").set_value(True).run()
    opened = app.dataframe[0].value
    assert "down_block_2.shortcut.conv2d_1" in layers(app)
    for column in ("Parameters", "Multiply-adds"):
        assert opened[column].sum() == closed[column].sum() > 0


def test_a_network_without_blocks_has_nothing_to_open():
    app = shown("dcgan.discriminator_plan((1, 28, 28), attention=7)")
    assert not app.toggle
    assert layers(app)[-3:] == ["self_attention_1", "flatten_1", "linear_1"]


def test_spectral_normalization_is_named_next_to_the_totals():
    plain = "dcgan.discriminator_plan((1, 28, 28))"
    assert "spectral normalization" not in shown(plain).markdown[0].value
    assert (
        "multiply-adds for each image · spectral normalization"
        in shown(f"replace({plain}, spectral_norm=True)").markdown[0].value
    )
