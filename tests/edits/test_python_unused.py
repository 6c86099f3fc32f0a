"""Imports that are not used any more, out and back in to the letter."""

from __future__ import annotations

import pytest

from djroadmap.edits import Import, UnusedImport
from djroadmap.errors import Unrecognised

from .laws import assert_laws
from .pairs import assert_pair

EDIT = UnusedImport(path="services.py", module="django.db", name="transaction")
REST = "\n\ndef f():\n    pass\n"
HEADS = {
    "from django.db import transaction\n\nfrom .models import A\n": "from .models import A\n",
    "import os\n\nfrom django.db import transaction\n\nfrom .models import A\n": "import os\n\nfrom .models import A\n",
    "import os\n\nfrom django.conf import settings\nfrom django.db import transaction\n": (
        "import os\n\nfrom django.conf import settings\n"
    ),
    "from django.db import models, transaction\n": "from django.db import models\n",
    "from django.db import transaction, models\n": "from django.db import models\n",
    "from django.db import (\n    models,\n    transaction,  # why\n)\n": "from django.db import (\n    models,\n)\n",
    "from django.db import (\n    models,\n    transaction as transaction,\n    utils,\n)\n": None,
    "from django.db import transaction  # noqa: E402\nimport os\n": "import os\n",
    '"""Doc."""\n\nfrom django.db import transaction\n': '"""Doc."""\n',
    '"""Doc."""\nfrom django.db import transaction\n': '"""Doc."""\n',
    "from a import (\n    b,\n)\n\n\nfrom django.db import transaction\nfrom z import (\n    b,\n)\n": (
        "from a import (\n    b,\n)\n\n\nfrom z import (\n    b,\n)\n"
    ),
    "# coding: utf-8\n# über\nfrom django.db import transaction\n": "# coding: utf-8\n# über\n",
    "X = 1\nfrom django.db import transaction\nY = 2\n": "X = 1\nY = 2\n",
}


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("head", [head for head, after in HEADS.items() if after is not None])
def test_it_goes_and_comes_back(head: str, ending: str) -> None:
    after = assert_laws(EDIT, (head + REST).replace("\n", ending))
    assert after == (str(HEADS[head]) + REST).replace("\n", ending)


def test_the_only_line_of_code() -> None:
    assert assert_laws(EDIT, f"from django.db import transaction\n{REST}") == "def f():\n    pass\n"


def test_a_module() -> None:
    edit = UnusedImport(path="services.py", module="functools")
    assert assert_laws(edit, f"import functools\nimport os\n{REST}") == f"import os\n{REST}"


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "x = (\n",
        "from django.db import models\n",
        "from django.db import transaction as t\n",
        "from django.db import transaction\n\ntransaction.atomic()\n",
        "from django.db import transaction\n\n__all__ = ['transaction']\n",
        "from django.db import transaction\n\nx: 'transaction.Atomic'\n",
        "def f():\n    from django.db import transaction\n",
        "if x:\n    from django.db import transaction\n",
    ],
)
def test_nothing_to_do(text: str | None) -> None:
    assert EDIT.holds(text)
    assert EDIT.bind(text) == EDIT
    assert EDIT.apply(text) == text


@pytest.mark.parametrize(
    "text", ["from django.db import transaction; x = 1\n", "x = 1\nfrom django.db import transaction\n"]
)
def test_refused(text: str) -> None:
    with pytest.raises(Unrecognised):
        EDIT.bind(text).apply(text)


def test_what_came_since_stays() -> None:
    head = "import os\n\nfrom django.db import transaction\n\nfrom .models import A\n"
    bound = EDIT.bind(head + REST)
    after = bound.apply(head + REST) or ""
    assert bound.revert("# mine\n" + after) == "# mine\n" + head + REST
    assert (
        bound.revert(after.replace("import os", "import re")) == head.replace("import os", "import re") + REST
    )
    used = head + "\nx = transaction\n"
    assert bound.kept(used)
    assert bound.revert(used) == used
    assert bound.revert(None) is None


@pytest.mark.parametrize("head", [head for head, after in HEADS.items() if after is not None])
def test_other_imports_do_not_know_it(head: str) -> None:
    if "import A" in head or "models" in head:
        assert_pair(EDIT, Import(path="services.py", module="celery", name="x"), head + REST)


def test_what_it_is_called() -> None:
    assert EDIT.describe() == "no unused import of transaction"


@pytest.mark.parametrize("since", ["x = 1\n", "import os\n", "import re", "import re\n\n"])
def test_where_its_place_is_gone_it_goes_where_isort_would_put_it(since: str) -> None:
    bound = EDIT.with_(
        source=("from django.db import transaction",), above="import re", line=1, blank=1, dropped=1
    )
    assert "from django.db import transaction" in str(bound.revert(since))


def test_names_that_were_left_are_other_ones_now() -> None:
    bound = EDIT.bind("from django.db import transaction, models\n" + REST)
    assert bound.left == ("from django.db import models",)
    text = "from django.db import connection, models\n" + REST
    assert bound.revert(text) == "from django.db import connection, models, transaction\n" + REST
