"""The schema of archive.db, as numbered steps, applied by archive.database.

Each module of this package named ``mNNNN_…`` is a step: its ``STATEMENTS`` are executed once, in
order, in the transaction of the step. A step is never edited once it was released.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

from sqlite_utils import Database, Migrations

APPLICATION_ID = (
    0x48755965  # "HuYe", so that file(1) and others can tell an archive from any SQLite file
)

migrations = Migrations("huyen")


def _step(name: str) -> Callable[[Database], None]:
    statements: tuple[str, ...] = importlib.import_module(f"{__name__}.{name}").STATEMENTS

    def apply(db: Database) -> None:
        for statement in statements:
            db.execute(statement)

    apply.__name__ = name
    return apply


STEPS = tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))
for _name in STEPS:
    migrations(name=_name)(_step(_name))
