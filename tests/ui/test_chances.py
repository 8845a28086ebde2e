"""`shelftalk chances`: what a customer of the demo shop is likely to buy."""

import json

from typer.testing import CliRunner

from assistant.settings import Settings
from ui.cli import app


def test_the_chances_of_a_customer_are_told_and_those_of_nobody_arent(demo_settings: Settings) -> None:
    store = ["--store", str(demo_settings.store)]
    told = json.loads(CliRunner().invoke(app, ["chances", "C001", "--json", *store]).stdout)
    assert told["days"] == 30
    assert 0 < told["at_all"] < 1
    assert told["products"]
    assert all(0 < chance < 1 for chance in (*told["products"].values(), *told["categories"].values()))
    longer = json.loads(CliRunner().invoke(app, ["chances", "C001", "--days", "90", "--json", *store]).stdout)
    assert longer["at_all"] > told["at_all"]
    assert "within 30 days" in CliRunner().invoke(app, ["chances", "C001", *store]).output
    unknown = CliRunner().invoke(app, ["chances", "nobody", *store])
    assert unknown.exit_code == 2
