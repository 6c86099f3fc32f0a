"""What events carry, read from their classes; the contracts that are written; what a person is told."""

from __future__ import annotations

import json

import pytest

from djroadmap.catalog import load
from djroadmap.features.event_contracts import FEATURE
from djroadmap.features.event_contracts.declared import declared
from djroadmap.model.feature import NoOptions
from djroadmap.model.plan import Plan
from tests.features.small import BUS, SETTINGS, SMALL, applied, project

BASE = "from abc import ABC\n\n\nclass DomainEvent(ABC):\n    pass\n"
EVENTS = "shop/domain_events/events.py"
CONTRACTS = "shop/domain_events/event_contracts.py"
SCHEMAS = "shop/domain_events/tests/event_contracts.json"
APPS = ("shop.domain_events", "shop.orders", "shop.users", "shop.core")
HEAD = "from shop.domain_events.base import DomainEvent\n"


def files(**changes):
    """A project with a bus and three apps; `domain_events__events="..."` is a file of the project."""
    settings = SETTINGS.replace(
        "INSTALLED_APPS = [", "INSTALLED_APPS = [\n" + "".join(f'    "{app}",\n' for app in APPS)
    )
    packages = {f"{app.replace('.', '/')}/__init__.py": "" for app in APPS}
    new = {path_of(name): text for name, text in changes.items()}
    bus = {"shop/domain_events/bus.py": BUS, "shop/domain_events/base.py": BASE}
    return {**SMALL, "shop/settings.py": settings, **packages, **bus, **new}


def path_of(name: str) -> str:
    """`orders__events` is shop/orders/events.py."""
    return f"shop/{'/'.join(name.removesuffix('____init__').split('__'))}{'/__init__' * name.endswith('__init__')}.py"


def plan(**changes) -> Plan:
    return FEATURE.plan(project(files(**changes)), NoOptions())


def written(path=CONTRACTS, **changes) -> str:
    edit = next(edit for edit in plan(**changes).edits if edit.path == path)
    return edit.apply(None)


def contract(code: str, event: str = "E") -> list[str]:
    """What the contract of the event says, a line for each attribute."""
    text = written(domain_events__events=HEAD + code)
    body = text.partition(f"\n{event}Contract = contract(\n    {event},\n")[2].partition("\n)\n")[0]
    return [line.strip().rstrip(",") for line in body.splitlines() if line != ")"]


def init(*lines: str, taken: str = "", imports: str = "") -> str:
    rows = "".join(f"        {line}\n" for line in lines or ("pass",))
    return f"{imports}class E(DomainEvent):\n    def __init__(self{', ' if taken else ''}{taken}):\n{rows}"


@pytest.mark.parametrize(
    ("annotation", "imports", "said"),
    [
        ("int", "", "int"),
        ("'int'", "", "int"),
        ("str | None", "", "str | None"),
        ("Optional[str]", "from typing import Optional\n", "str | None"),
        ("'Optional[\"str\"]'", "from typing import Optional\n", "str | None"),
        ("typing.Union[int, str, None]", "import typing\n", "int | str | None"),
        ("List[Dict[str, int]]", "from typing import Dict, List\n", "list[dict[str, int]]"),
        ("t.Sequence[int]", "import typing as t\n", "Sequence[int]"),
        ("Annotated[int, 'x']", "from typing import Annotated\n", "int"),
        ("Literal['a', \"it's\"]", "from typing import Literal\n", """Literal["a", "it's"]"""),
        ("datetime.datetime", "import datetime\n", "datetime"),
        ("dt.date", "import datetime as dt\n", "date"),
        ("date", "if TYPE_CHECKING:\n    from datetime import date\n", "date"),
        ("D", "from decimal import Decimal as D\n", "Decimal"),
        ("uuid.UUID", "import uuid, datetime\n", "UUID"),
        ("tuple[int, ...]", "", "tuple[int, ...]"),
        ("Callable[[int], str]", "from collections.abc import Callable\n", "Callable[[int], str]"),
        ("Kind", "class Kind: ...\n", "Kind"),
        ("Kind.Inner", "class Kind:\n    class Inner: ...\n", "Kind.Inner"),
        ("Cents", "Cents = int\n", "Cents"),
        ("models.Money", "from shop.core import models\n", "models.Money"),
        ("Money", "from ..core.models import Money\n", "Money"),
        ("T", "from typing import TypeVar\nT = TypeVar('T')\n", "Any"),
        ("Unknown", "", "Any"),
        ("list[Unknown]", "", "Any"),
        ("'no type'", "", "Any"),
        ("User", "from shop.users.models import User\n", "Any"),
        ("list['User']", "from shop.users.models import User\n", "Any"),
        ("users.User", "import shop.users.models as users\n", "Any"),
    ],
)
def test_types(annotation, imports, said):
    code = init("self.x = x", taken=f"x: {annotation}", imports=imports)
    assert contract(code) == [f"x={said}"]


@pytest.mark.parametrize(
    ("taken", "lines", "said"),
    [
        ("x", ["self.x = x"], ["x=Any"]),
        ("x: int", ["self.y = x"], ["y=int", "x=NotKept"]),
        ("x: int", ["self.y = x + 1"], ["y=Any", "x=NotKept"]),
        ("x: int", [], ["x=NotKept"]),
        ("x: list[int] = None", ["self.x = x or []"], ["x=list[int]"]),
        ("x: list[int] | None = None", ["self.x = x if x is not None else []"], ["x=list[int] | None"]),
        ("x: int", ["self.x = x or 'none'"], ["x=Any"]),
        ("x: int", ["self.x = 1 if x else 2"], ["x=Any"]),
        ("x: int", ["self.x: int = x"], ["x=int"]),
        ("x: str", ["self.x: int = int(x)"], ["x=Any"]),
        ("x: int", ["if x:", "    self.x = x"], ["x=NotRequired[int]"]),
        ("x: int", ["if x:", "    self.x = x", "else:", "    self.x = x"], ["x=Any"]),
        ("x: int", ["self.x = x", "if not x:", "    self.x = x"], ["x=int"]),
        ("x: int", ["self.x = x", "if not x:", "    self.x = 'none'"], ["x=Any"]),
        ("x: int", ["if not x:", "    raise ValueError", "else:", "    self.x = x"], ["x=int"]),
        ("x: int", ["try:", "    self.x = x", "except TypeError:", "    pass"], ["x=NotRequired[int]"]),
        ("x: int", ["with x:", "    self.x = x"], ["x=int"]),
        ("x: int", ["for _ in range(x):", "    self.x = x"], ["x=NotRequired[int]"]),
        ("x: int, /, *, y: str", ["self.x = x", "self.y = y"], ["x=int", "y=str"]),
        ("x: int", ["self._x = x"], ["x=NotKept"]),
        ("x: int", ["self.x = self.y = x"], ["x=int", "y=int"]),
        ("x: int, y: str", ["self.x, self.y = x, y"], ["x=int", "y=str"]),
        ("x: int, y: str", ["self.x, self.y = (x, y) if x else ()"], ["x=Any", "y=Any"]),
        ("x: int", ["setattr(self, 'x', x)"], ["x=int"]),
        ("x: int", ["object.__setattr__(self, 'x', x)"], ["x=int"]),
        ("x: int", ["super().__setattr__('x', x)"], ["x=int"]),
        ("x: int", ["setattr(x, 'x', x)"], ["x=NotKept"]),
        ("x: int", ["this = self", "self.x = x"], ["x=int"]),
        ("*args, **kwargs", ["pass"], []),
        ("x: int, **kwargs", ["self.x = x", "self.__dict__.update(kwargs)"], ['"allow"', "x=int"]),
        ("**kwargs", ["for key in kwargs:", "    setattr(self, key, 1)"], ['"allow"']),
    ],
)
def test_attributes(taken, lines, said):
    assert contract(init(*lines, taken=taken)) == said


PARENT = "class P(DomainEvent):\n    def __init__(self, id: int, at: str = ''):\n        self.id = id\n        self.at = at\n"


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (f"{PARENT}class E(P):\n    pass\n", ["id=int", "at=str"]),
        (
            f"{PARENT}class E(P):\n    def __init__(self, id: int, x: int):\n        super().__init__(id)\n        self.x = x\n",
            ["id=int", "at=str", "x=int"],
        ),
        (
            f"{PARENT}class E(P):\n    def __init__(self, id: str):\n        P.__init__(self, int(id))\n",
            ["id=Any", "at=str"],
        ),
        (f"{PARENT}class E(P):\n    def __init__(self, x: int):\n        self.x = x\n", ["x=int"]),
        ("class E(DomainEvent):\n    kind = 'e'\n", []),
        ("@dataclass\nclass E(DomainEvent):\n    x: int\n    y: 'str' = ''\n    z = 1\n", ["x=int", "y=str"]),
        ("@dataclasses.dataclass(frozen=True)\nclass E(DomainEvent):\n    x: int\n", ["x=int"]),
        ("@dataclass\nclass E(DomainEvent):\n    x: ClassVar[int] = 1\n    y: InitVar[int]\n", ["y=NotKept"]),
        ("@dataclass\nclass E(DomainEvent):\n    x: int\n    _: KW_ONLY\n    y: str\n", ["x=int", "y=str"]),
        (
            "@dataclass\nclass E(DomainEvent):\n    x: int\n    def __post_init__(self):\n        self.y = self.x\n",
            ["x=int", "y=Any"],
        ),
        (
            "@dataclass\nclass P(DomainEvent):\n    x: int\n    y: int\n@dataclass\nclass E(P):\n    y: str\n    z: int\n",
            ["x=int", "y=str", "z=int"],
        ),
        ("@dataclass\nclass P(DomainEvent):\n    x: int\nclass E(P):\n    y: str\n", ["x=int"]),
        ("@attrs.define\nclass E(DomainEvent):\n    x: int\n", ["x=int"]),
        (
            "from pydantic import BaseModel\nclass E(BaseModel, DomainEvent):\n    model_config = {}\n    x: int\n",
            ["x=int"],
        ),
    ],
)
def test_classes(code, said):
    assert contract(code) == said


def names(**changes) -> list[str]:
    return [str(event.target) for event in declared(project(files(**changes)))]


@pytest.mark.parametrize(
    "code",
    [
        "from shop.domain_events.base import DomainEvent\nclass E(DomainEvent): ...\n",
        "from shop.domain_events.base import DomainEvent as Event\nclass E(Event): ...\n",
        "from shop.domain_events import base\nclass E(base.DomainEvent): ...\n",
        "import shop.domain_events.base\nclass E(shop.domain_events.base.DomainEvent): ...\n",
        "from ..domain_events.base import DomainEvent\nclass E(DomainEvent): ...\n",
        "from shop.domain_events import DomainEvent\nclass E(DomainEvent): ...\n",
        "from shop.core.events import Event\nclass E(Event): ...\n",
        "from shop.core.events import *\nfrom shop.core.events import Event\nclass E(Event[int]): ...\n",
        "if True:\n    from shop.core.events import Event\n    class E(Event): ...\n",
    ],
)
def test_events_are_found_by_their_base(code):
    found = names(
        orders__events=code,
        core__events="from shop.domain_events.base import DomainEvent as Event\n",
        domain_events____init__="from .base import DomainEvent\n",
    )
    assert found == ["shop.orders.events.E"]


def test_events_of_events_are_found_in_other_modules():
    assert names(
        core__events=f"{HEAD}class Root(DomainEvent): ...\n",
        orders__signals="from shop.core.events import Root\nclass Leaf(Root): ...\n",
        users__facts="from shop.orders.signals import Leaf\nclass Last(Leaf): ...\n",
    ) == ["shop.core.events.Root", "shop.orders.signals.Leaf", "shop.users.facts.Last"]


@pytest.mark.parametrize(
    "changes",
    [
        {"orders__events": "class DomainEvent: ...\nclass E(DomainEvent): ...\n"},
        {"orders__tests__test_events": f"{HEAD}class E(DomainEvent): ...\n"},
        {"orders__tests": f"{HEAD}class E(DomainEvent): ...\n"},
        {"orders__test_it": f"{HEAD}class E(DomainEvent): ...\n"},
        {"conftest": f"{HEAD}class E(DomainEvent): ...\n"},
        {"orders__events": f"{HEAD}def f():\n    class E(DomainEvent): ...\n"},
        {"orders__events": f"{HEAD}class E(DomainEvent):\n    @abstractmethod\n    def f(self): ...\n"},
        {"orders__events": f"{HEAD}class E: ...  # DomainEvent\n"},
        {"orders__events": f"{HEAD}class E(DomainEvent\n"},
        {"orders__events": "from domain_events.base import DomainEvent\nclass E(DomainEvent): ...\n"},
    ],
)
def test_what_is_no_event_of_the_running_project(changes):
    assert names(**changes) == []


def test_contracts_stand_in_the_app_that_has_the_events():
    events = f"{HEAD}class Placed(DomainEvent):\n    def __init__(self, id: int):\n        self.id = id\n"
    changes = {
        "orders__domain__events": events,
        "orders__domain____init__": "",
        "events": events.replace("Placed", "P"),
    }
    assert {edit.path for edit in plan(**changes).edits if edit.path.endswith("/event_contracts.py")} == {
        "shop/orders/event_contracts.py",
        CONTRACTS,
    }
    assert written("shop/orders/event_contracts.py", **changes) == (
        '"""What the events of this app carry.\n\nHow to write it stands in `shop.domain_events.contracts`.\n"""\n\n'
        "from shop.domain_events.contracts import contract\n"
        "from shop.orders.domain.events import Placed\n\n"
        "PlacedContract = contract(\n    Placed,\n    id=int,\n)\n"
    )


def test_names_that_two_modules_have_are_told_apart():
    one = f"from decimal import Decimal as Money\n{HEAD}class E(DomainEvent):\n    def __init__(self, m: Money):\n        self.m = m\n"
    other = f"from shop.core.money import Decimal\n{HEAD}class E(DomainEvent):\n    def __init__(self, m: Decimal):\n        self.m = m\n"
    text = written("shop/orders/event_contracts.py", orders__a=one, orders__b=other)
    assert "from decimal import Decimal\n" in text
    assert "from shop.core.money import Decimal as MoneyDecimal\n" in text
    assert "from shop.orders.b import E as BE\n" in text
    assert "    E,\n    m=Decimal,\n" in text
    assert "    BE,\n    m=MoneyDecimal,\n" in text


def schemas(code: str) -> dict:
    edit = next(edit for edit in plan(domain_events__events=HEAD + code).edits if edit.path == SCHEMAS)
    return {name.rpartition(".")[2]: schema for name, schema in json.loads(edit.apply(None)).items()}


def test_schemas():
    code = (
        "@dataclass\nclass E(DomainEvent):\n    x: int\n    a: list[str] | None\nclass N(DomainEvent): ...\n"
    )
    code += init("self.x = x", taken="x: Status", imports="class Status: ...\n").replace("class E", "class S")
    code += init("if x:", "    self.x = x", "setattr(self, x, 1)", taken="x: str").replace(
        "class E", "class O"
    )
    assert schemas(code) == {
        "E": {
            "type": "object",
            "properties": {
                "x": {"type": "integer"},
                "a": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
            },
            "required": ["a", "x"],
            "additionalProperties": False,
        },
        "N": {"type": "object", "properties": {}, "additionalProperties": False},
        "S": None,
        "O": {"type": "object", "properties": {"x": {"type": "string"}}},
    }


def test_what_a_person_is_told():
    code = HEAD + init("self.x = x", taken="x: Status, y: int, u: User", imports="class Status: ...\n")
    code = "from shop.users.models import User\n" + code.replace("self.x = x", "self.x, self.u = x, u")
    made = plan(domain_events__events=code)
    texts = {todo.text: todo.snippet for todo in made.todos if todo.path == EVENTS}
    assert texts == {
        "shop/domain_events/events.py:5: E takes y and does not keep it; keep it, and say its type in "
        "shop/domain_events/event_contracts.py": "self.y = y",
        "shop/domain_events/events.py:6: E.u is shop.users.models.User, of another app, so its contract says Any; "
        "an id would do without it": "",
    }


def test_the_command_that_records_what_only_the_project_can_tell():
    code = HEAD + init("self.x = x", taken="x: Status", imports="class Status: ...\n")
    (command,) = [one for one in plan(domain_events__events=code).commands if one.when == "after"]
    assert str(command) == (
        "env UPDATE_EVENT_CONTRACTS=1 python manage.py test shop.domain_events.tests.test_contracts"
    )
    assert command.why == "record the schemas that only your code can tell: E"
    assert not [one for one in plan().commands if one.when == "after"]


def test_the_app_and_the_base_are_needed():
    assert FEATURE.supports(project(files())) is None
    assert FEATURE.supports(project(SMALL)) is None
    without = files()
    without["shop/settings.py"] = SETTINGS
    assert FEATURE.supports(project(without)) == (
        "shop.domain_events is not in INSTALLED_APPS, so its tests are not run"
    )
    nameless = files(domain_events__base="")
    assert "there is no class DomainEvent" in (FEATURE.supports(project(nameless)) or "")


@pytest.mark.parametrize("feature", ["event-contracts", "dead-letter-queue", "event-pipeline", "guid-events"])
def test_an_older_python_is_told(feature):
    given = files()
    given["pyproject.toml"] = (
        '[project]\nname = "shop"\nrequires-python = "==3.10.*"\ndependencies = ["django==5.2"]\n'
    )
    reason = load().features[feature].supports(project(given))
    assert reason == "it needs Python 3.11 or newer, and this project has ==3.10.*"


LATE = f"{HEAD}class Late(DomainEvent):\n    def __init__(self, id: int):\n        self.id = id\n"


def grown(before, **changes):
    after = {**before, **{path_of(name): text for name, text in changes.items()}}
    return after, FEATURE.growth(project(after), NoOptions())


def test_nothing_has_come():
    before = applied(plan(orders__events=LATE), files(orders__events=LATE))
    assert grown(before)[1] is None


def test_contracts_that_are_written_otherwise_count():
    before = applied(plan(orders__events=LATE), files(orders__events=LATE))
    path = "shop/orders/event_contracts.py"
    before[path] = (
        "from shop.domain_events import contracts as c\nfrom .events import Late as L\nX = c.contract(L)\n"
    )
    assert grown(before)[1] is None
    before[path] = before[path].replace("contract(L)", "contracted(L)")
    assert grown(before)[1] is not None


def test_a_new_event_gets_a_contract_beside_the_others():
    before = applied(plan(orders__events=LATE), files(orders__events=LATE))
    before["shop/orders/event_contracts.py"] += "MINE = 1\n"
    more = LATE + "class More(DomainEvent):\n    def __init__(self, at: Decimal):\n        self.at = at\n"
    after, growth = grown(before, orders__events="from decimal import Decimal\n" + more)
    assert [missing.what for missing in growth.missing] == ["More has no contract"]
    text = applied(growth.plan(), after)
    contracts = text["shop/orders/event_contracts.py"]
    assert contracts.endswith(
        "LateContract = contract(\n    Late,\n    id=int,\n)\nMINE = 1\n\n"
        "MoreContract = contract(\n    More,\n    at=Decimal,\n)\n"
    )
    assert "from decimal import Decimal\n" in contracts
    assert sorted(json.loads(text[SCHEMAS])) == ["shop.orders.events.Late", "shop.orders.events.More"]
    assert FEATURE.growth(project(text), NoOptions()) is None


def test_the_first_event_of_an_app_gets_a_module():
    before = applied(plan(), files())
    after, growth = grown(before, users__events=LATE)
    text = applied(growth.plan(), after)
    assert "LateContract" in text["shop/users/event_contracts.py"]
    assert list(json.loads(text[SCHEMAS])) == ["shop.users.events.Late"]
    assert FEATURE.growth(project(text), NoOptions()) is None


def test_who_uses_the_contracts_is_told():
    before = applied(plan(orders__events=LATE), files(orders__events=LATE))
    before["shop/orders/services.py"] = "from shop.domain_events.contracts import validate_event\n"
    problems = FEATURE.guard(project(before))
    assert [str(problem) for problem in problems] == [
        "shop/orders/services.py:1: still imports shop.domain_events.contracts"
    ]
