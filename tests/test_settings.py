"""Where settings come from, and that a key only goes where its own source says."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyst.errors import SettingsError
from analyst.settings import OPENAI_URL, load_settings


def test_arguments_come_first(tmp_path: Path) -> None:
    """Arguments beat the environment, which beats the file, which beats defaults."""
    file = tmp_path / ".env"
    file.write_text("ANALYST_TIMEOUT=3\nANALYST_SEED=3\nANALYST_MAX_FIXES=2\n")
    settings = load_settings(
        environ={"ANALYST_TIMEOUT": "2", "ANALYST_SEED": "2"}, env_file=file, timeout=1
    )
    assert (settings.timeout, settings.seed, settings.max_fixes) == (1, 2, 2)
    assert settings.max_steps == 24


@pytest.mark.parametrize(
    ("arguments", "environ", "file", "url", "key"),
    [
        ({}, {"OPENAI_API_KEY": "k"}, "", OPENAI_URL, "k"),
        ({}, {"OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "u"}, "", "u", "k"),
        ({"base_url": "u"}, {"OPENAI_API_KEY": "k"}, "", "u", ""),
        ({"base_url": "u", "api_key": "a"}, {"OPENAI_API_KEY": "k"}, "", "u", "a"),
        ({}, {"OPENAI_API_KEY": "k"}, "OPENAI_BASE_URL=evil", OPENAI_URL, "k"),
        ({}, {"ANALYST_BASE_URL": "u", "OPENAI_API_KEY": "k"}, "", "u", ""),
        ({}, {}, "OPENAI_BASE_URL=u\nOPENAI_API_KEY=k", "u", "k"),
        ({}, {}, "", "", ""),
    ],
)
def test_key_and_url_are_a_pair(  # noqa: PLR0917 - the columns of a table
    tmp_path: Path,
    arguments: dict[str, str],
    environ: dict[str, str],
    file: str,
    url: str,
    key: str,
) -> None:
    """A key is only ever paired with the URL of its own source."""
    path = tmp_path / ".env"
    path.write_text(file)
    settings = load_settings(environ=environ, env_file=path, **arguments)
    assert (settings.base_url, settings.api_key.get_secret_value()) == (url, key)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"timeout": -5}, "timeout should be greater than 0, not -5"),
        ({"timeout": "soon"}, "timeout should be a valid number"),
        ({"sandbox": "magic"}, "sandbox should be 'auto'"),
        ({"tiemout": 5}, "no setting tiemout"),
        ({"max_tokens": 0}, "max_tokens should be greater than 0"),
        ({"memory": "lots"}, "memory should be a size of 512MB or more, such as 4GB"),
        ({"memory": "1MB"}, "512MB or more, such as 4GB, not '1MB'"),
    ],
)
def test_bad_settings_are_told(arguments: dict[str, object], told: str) -> None:
    """A bad value is named in one sentence with what would be right."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environ={}, **arguments)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_file_is_read_unless_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A `.env` that lies around is not looked at; one that is missing is told."""
    (tmp_path / ".env").write_text("OPENAI_API_KEY=stray")
    monkeypatch.chdir(tmp_path)
    assert load_settings(environ={}).api_key.get_secret_value() == ""
    with pytest.raises(SettingsError, match="no settings file"):
        load_settings(environ={}, env_file="none.env")


def test_key_is_never_shown() -> None:
    """A key does not appear in what settings print or in what they complain of."""
    settings = load_settings(environ={"OPENAI_API_KEY": "sk-secret"})
    assert (
        "sk-secret" not in repr(settings) + str(settings) + settings.model_dump_json()
    )
    with pytest.raises(SettingsError) as caught:
        load_settings(environ={}, api_key=["sk-secret"])
    assert "sk-secret" not in str(caught.value)
