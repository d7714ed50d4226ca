"""The URL of a database, and the secrets in it that nobody may see again.

    postgresql://ann:$SHOP_PASSWORD@db.example/shop#orders,customers
    postgresql://ann:$SHOP_PASSWORD@db.example/shop#SELECT day, amount FROM orders

What stands behind `#` is one table, several, or a query. A password that is the name of
a variable in capitals is taken from the environment; in a shell, put the whole in
single quotes.
"""

from __future__ import annotations

import importlib.util
import os
import re
import urllib.parse
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING

from analyst.errors import InputError
from analyst.quoting import quoted

if TYPE_CHECKING:
    import sqlalchemy as sa

__all__ = ["Address", "is_database_url", "read_address"]

_URL = re.compile(
    r"(?P<scheme>[a-z][\w+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)"
    r"(?:\?(?P<options>[^#]*))?(?:#(?P<chosen>.*))?",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_SCHEMES = {"http", "https", "ftp", "ftps", "sftp", "file", "s3", "gs", "data"}
_ALIASES = {"postgres": "postgresql"}
_DRIVERS = {
    "postgresql": ("psycopg", "psycopg2", "pg8000"),
    "mysql": ("MySQLdb", "pymysql"),
    "mariadb": ("MySQLdb", "pymysql"),
}
"""Of each database, the modules that are looked for where the URL names none."""
_DRIVER_NAMES = {"MySQLdb": "mysqldb"}
_PACKAGES = {
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg[binary]",
    "MySQLdb": "pymysql",
}
"""What is installed for a module."""
_PASSWORD_VARIABLES = {"postgresql": "PGPASSWORD"}
"""What the database's own client reads."""
_NAMED = re.compile(r"\$(?:\{([A-Z_][A-Z0-9_]*)\}|([A-Z_][A-Z0-9_]*))")
_HARMLESS_OPTIONS = {"sslmode", "sslrootcert", "charset", "driver", "mode", "uri"}
_UNREADABLE = (
    "The URL of the database cannot be read: write it as "
    "postgresql://user:$PASSWORD@host/database#table, with $PASSWORD the name of a "
    "variable of the environment, and other characters such as @ / # as %40 %2F %23."
)
_SAID_CHARS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a database is, and how to speak of it."""

    url: sa.URL = field(repr=False)
    """With the password, and a driver."""
    dialect: str
    """Such as `postgresql`."""
    origin: str
    """For a person to see: neither user nor password nor options."""
    chosen: str
    """What stood behind `#`."""
    password_variable: str
    """The variable of the environment that holds the password the next time; empty
    where there is none."""
    secrets: tuple[str, ...] = field(repr=False)

    @property
    def public_url(self) -> str:
        """The URL without the password, and without options that may hold a secret."""
        options = {k: v for k, v in self.url.query.items() if k in _HARMLESS_OPTIONS}
        # `URL.set` takes None for "as it was".
        bare = self.url._replace(password=None)
        return bare.set(query=options).render_as_string(hide_password=False)

    @property
    def has_private_options(self) -> bool:
        """Whether `public_url` lacks some."""
        return not self.url.query.keys() <= _HARMLESS_OPTIONS

    def said(self, error: BaseException) -> str:
        """What a driver said, on one line; nothing where it holds a secret."""
        cause = getattr(error, "orig", None) or error
        text = " ".join(str(cause).split())
        if any(secret in text for secret in self.secrets):
            return "its words are not shown, as they hold a secret"
        text = re.sub(r"://[^\s@]*@", "://***@", text)
        text = re.sub(r"(?i)\b(password|pwd|passwd)\s*=\s*\S+", r"\1=***", text)
        return quoted(text, _SAID_CHARS) or type(cause).__name__


def is_database_url(text: str) -> bool:
    """Whether something that was given is the URL of a database, not a path."""
    found = re.match(r"([A-Za-z][\w+.-]*)://", text)
    return found is not None and found[1].lower() not in _OTHER_SCHEMES


def read_address(text: str) -> Address:
    """Take a URL apart.

    Raises:
        InputError: it cannot be read, its password is a variable that is not set, or
            SQLAlchemy or the driver is not installed. It quotes nothing of the URL that
            could be a secret.
    """
    found = _URL.fullmatch(text.strip())
    if found is None:
        raise InputError(_UNREADABLE)
    userinfo, _, host = found["authority"].rpartition("@")
    user, _, password = userinfo.partition(":")
    chosen = found["chosen"] or ""
    if _may_hide_a_password(userinfo, host, found["path"], chosen):
        raise InputError(_UNREADABLE)
    password, variable = _password(password)
    scheme = _with_driver(found["scheme"].lower())
    url = _url(
        f"{scheme}://{user}{'@' if user else ''}{host}{found['path']}"
        f"{'?' if found['options'] else ''}{found['options'] or ''}"
    )
    dialect = url.get_backend_name()
    usual = _PASSWORD_VARIABLES.get(dialect, "")
    if password:
        url = url.set(password=password)
        variable = variable or usual or "DATABASE_PASSWORD"
    elif os.environ.get(usual):
        variable = usual
    return Address(
        url=url,
        dialect=dialect,
        origin=_origin(url, dialect),
        chosen=chosen.strip(),
        password_variable=variable,
        secrets=_secrets(url, os.environ.get(usual, "") if usual else ""),
    )


def _may_hide_a_password(userinfo: str, host: str, path: str, chosen: str) -> bool:
    """Whether a character in a password may have been taken for the end of the host."""
    port = re.sub(r"^\[[^\]]*\]", "", host).partition(":")[2]
    if port and not (port.isascii() and port.isdigit()):
        return True
    if userinfo or not host:
        return False
    is_query = re.match(r"[\s(]*\w+\s", chosen)
    return "@" in path or ("@" in chosen and not is_query)


def _password(written: str) -> tuple[str, str]:
    """The password, and the variable that it was taken from."""
    named = _NAMED.fullmatch(written)
    if named is None:
        return urllib.parse.unquote(written), ""
    name = named[1] or named[2]
    value = os.environ.get(name, "")
    if not value:
        # The name is not told: it may be a password that begins with `$`.
        raise InputError(
            "The password names a variable that the environment does not have: set "
            "it, or write %24 for a $ that is part of the password."
        )
    return value, name


def _with_driver(scheme: str) -> str:
    """The scheme with a driver that is installed, where it names none."""
    database = _ALIASES.get(scheme, scheme)
    for module in _DRIVERS.get(database, ()):
        if importlib.util.find_spec(module):
            return f"{database}+{_DRIVER_NAMES.get(module, module)}"
    return database


def _url(text: str) -> sa.URL:
    """The URL for SQLAlchemy, with no password yet.

    Raises:
        InputError: there is no such database, or what it needs is not installed.
    """
    try:
        import sqlalchemy as sa  # noqa: PLC0415 - an extra, only for databases
    except ImportError:
        raise InputError(
            "Databases are read by SQLAlchemy, which is not installed: run "
            "`pip install 'analyst[database]'`."
        ) from None
    problem = _UNREADABLE
    try:
        url = sa.make_url(text)
        dialect = url.get_dialect()
        if hasattr(dialect, "import_dbapi"):
            dialect.import_dbapi()
    except sa.exc.NoSuchModuleError:
        name = quoted(text.partition("://")[0])
        problem = (
            f"SQLAlchemy knows no database {name}: check the name before `://`, or "
            "install the package that adds it."
        )
    except ImportError as error:
        package = _PACKAGES.get(error.name or "", error.name)
        problem = (
            f"The driver of the database is not installed: run `pip install "
            f"'{package or 'its package'}'`."
        )
    except (sa.exc.ArgumentError, ValueError):
        pass
    else:
        if not dialect.is_async:
            return url
        problem = (
            f"{url.drivername} is an asynchronous driver: write "
            f"{url.get_backend_name()}:// without it."
        )
    raise InputError(problem)


def _origin(url: sa.URL, dialect: str) -> str:
    place = url.host or ""
    if url.port:
        place += f":{url.port}"
    database = url.database or ""
    if not place:
        database = PurePath(database).name
    return quoted(f"{dialect}://{place}/{database}", _SAID_CHARS)


def _secrets(url: sa.URL, of_environment: str) -> tuple[str, ...]:
    """All texts that must not be seen, in each way in which they may be written."""
    values = [str(url.password or ""), of_environment]
    for name, value in url.query.items():
        if name not in _HARMLESS_OPTIONS:
            values += [value] if isinstance(value, str) else value
    ways = (str, urllib.parse.quote, urllib.parse.quote_plus, _escaped)
    return tuple(sorted({way(value) for value in values if value for way in ways}))


def _escaped(text: str) -> str:
    return repr(text)[1:-1]
