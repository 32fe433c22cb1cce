"""Settings come from one table; a malformed or unknown one stops the start and says what would be right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.errors import SettingsError
from service.settings import SETTINGS, Setting, Settings


def test_defaults_environment_and_command_line_in_rising_order() -> None:
    assert Settings.read({}) == Settings()
    assert Settings.read({"EXOSCORE_PORT": "9000"}).port == 9000
    assert Settings.read({"EXOSCORE_PORT": "9000", "EXOSCORE_VAR": "/x"}, {"port": "9001"}) == Settings(
        port=9001, var=Path("/x")
    )


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_refuses_what_is_none_and_says_what_it_wants(setting: Setting) -> None:
    nonsense = " " if setting.default else "no such thing"
    with pytest.raises(SettingsError, match=re.escape(setting.wanted)):
        Settings.read({setting.variable: nonsense})


def test_all_faults_are_reported_together_with_the_nearest_name() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({"EXOSCORE_PORT": "80000", "EXOSCORE_WORKER": "2", "EXOSCORE_WORKERS": "two"})
    assert len(caught.value.faults) == 3
    assert any("Did you mean EXOSCORE_WORKERS?" in fault for fault in caught.value.faults)


@pytest.mark.parametrize("name", ["EXOSCORE_CROSSREF_URL", "EXOSCORE_PUBMED_URL"])
@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("https://mirror.example.org/crossref", True),
        ("http://127.0.0.1:8080", True),
        ("http://[::1]:8080/eutils", True),
        ("http://example.org", False),
        ("http://localhost@example.org", False),
        ("https://", False),
        ("file:///etc/passwd", False),
    ],
)
def test_services_are_asked_over_https_or_on_this_machine(name: str, address: str, is_taken: bool) -> None:
    if is_taken:
        assert address in Settings.read({name: address}).environment.values()
    else:
        with pytest.raises(SettingsError):
            Settings.read({name: address})
