"""Contracts of events, really run: true on the first day for events of every shape, red for each way to break one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from djroadmap.features.event_contracts.annotations import SCALARS
from tests.adapters.trees import build
from tests.cli_runner import Cli
from tests.e2e.mutations import written
from tests.projects import copy_layout, run

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
    from pathlib import Path

pytestmark = pytest.mark.e2e

KNOWN = [
    *(name.removeprefix("builtins.") for name in SCALARS),
    *("list[str]", "list[dict]", "dict[str, int]", "dict[str, typing.Any]", "dict[int, bool]", "set[int]"),
    *("tuple[int, ...]", "tuple[int, str]", "frozenset[str]", "collections.abc.Sequence[decimal.Decimal]"),
    *("str | None", "int | str | None", "None | bytes", "list[uuid.UUID | None]", "typing.List[int]"),
    *("typing.Optional[datetime.date]", "typing.Union[int, str]", "typing.Dict[str, typing.Set[int]]"),
    *(
        "typing.Literal['a']",
        "typing.Literal['a', 'b']",
        "typing.Literal[1, 2]",
        "collections.abc.Mapping[str, int]",
    ),
]
EVERYTHING = "".join(f"        self.x{at} = x{at}\n" for at, _ in enumerate(KNOWN))
TAKEN = "".join(f"        x{at}: {annotation},\n" for at, annotation in enumerate(KNOWN))
EVENTS = f"""\
from __future__ import annotations

import collections.abc
import dataclasses
import datetime
import decimal
import enum
import pathlib
import re
import typing
import uuid
from abc import ABC, abstractmethod
from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from pydantic import BaseModel

from PACKAGE import base
from PACKAGE.base import DomainEvent as Event

if TYPE_CHECKING:
    from decimal import Decimal as Money

T = TypeVar("T")


class Status(enum.Enum):
    OPEN = "open"


class Everything(Event):
    def __init__(
        self,
{TAKEN}    ):
{EVERYTHING}

class Parent(base.DomainEvent):
    def __init__(self, id: uuid.UUID, *, at: datetime.datetime | None = None):
        self.id = id
        self.at = at or datetime.datetime.now()


class Child(Parent):
    def __init__(self, id: uuid.UUID, note: str = "", tags: list[str] | None = None):
        super().__init__(id)
        if note:
            self.note = note
        self.tags, self.size = tags or [], len(tags or [])


class Kept(Parent):
    pass


class Converted(Event):
    def __init__(self, total: str, first: str, last: str, copy: int, unused: int = 0):
        self.total = decimal.Decimal(1)
        self.name = first + last
        self.copy = copy
        object.__setattr__(self, "schema", first)


class Flexible(Event):
    def __init__(self, status: Status, price: Money, **more):
        self.status = status
        self.price = price
        self.__dict__.update(more)


class Picky(Event):
    def __init__(self, currency: str):
        if currency != "EUR":
            raise ValueError(currency)
        self.currency = currency


class Abstract(Event, ABC):
    @abstractmethod
    def key(self): ...


class Concrete(Abstract):
    def __init__(self, pk, /, other):
        self.pk = pk
        self._private = other

    def key(self):
        return self.pk


@dataclass
class Data(Event):
    order: int
    total: Money
    tags: list[str] = field(default_factory=list)
    version: ClassVar[int] = 1
    raw: InitVar[str] = ""
    code: str = field(init=False, default="x")

    def __post_init__(self, raw):
        self.upper = raw.upper()


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Slotted(Event):
    when: datetime.date
    price: Money | None = None


@dataclass
class More(Data):
    extra: tuple[int, ...] = ()


class Box(Event, Generic[T]):
    def __init__(self, item: T, event_id: str, event_type: type[Event]):
        self.item = item
        self.event_id = event_id
        self.event_type = event_type


class Outer:
    class Inner(Event):
        def __init__(self, value: float):
            self.value = value


class Model(BaseModel, Event):
    order_id: int
    at: datetime.datetime


class Point(typing.NamedTuple):
    x: int


class Words(typing.TypedDict):
    word: str


@dataclass
class Line:
    sku: str


class Level(enum.IntEnum):
    LOW = 1


Sku = typing.NewType("Sku", str)


class Odd(Event):
    def __init__(
        self,
        words: Words,
        line: Line,
        model: Model,
        level: Level,
        sku: Sku,
        lines: list[Line],
        call: collections.abc.Callable[[int], str],
        nested: dict[str, list[tuple[int, Status]]],
    ):
        self.words, self.line, self.model, self.level = words, line, model, level
        self.sku, self.lines, self.call, self.nested = sku, lines, call, nested


class Exotic(Event):
    def __init__(self, point: Point, pattern: re.Pattern[str], where: pathlib.Path):
        self.point = point
        self.pattern = pattern
        self.where = where


class Nothing(Event):
    pass
"""
LAYOUTS = {
    "turbo": ("bakery/domain_events", "bakery/orders", "bakery.domain_events"),
    "startproject-6.0": ("domain_events", "shop", "domain_events"),
}


class Shop:
    """A project with those events and their contracts."""

    def __init__(self, layout: str, folder: Path) -> None:
        self.layout = layout
        bus, app, self.package = LAYOUTS[layout]
        self.root = copy_layout(layout, folder / "project", git=True)
        self.events = self.root / app / "events.py"
        self.contracts = self.root / app / "event_contracts.py"
        self.snapshot = self.root / bus / "tests/event_contracts.json"
        self.cli = Cli(self.root, folder / "state")
        self.cli("add", "event-bus", "--yes", "--allow-dirty")
        build(self.root, {f"{app}/events.py": EVENTS.replace("PACKAGE", self.package)})
        self.added = self.cli("add", "event-contracts", "--yes", "--allow-dirty", "--json").json
        self.examples = self.snapshot.with_name("examples.py")
        self.manifest = self.root / ".djroadmap.toml"

    def test(self, **env: str) -> tuple[int, str]:
        """The exit code and the output of the tests of the contracts."""
        module = f"{self.package}.tests.test_contracts"
        path = f"{self.snapshot.parent.relative_to(self.root)}/test_contracts.py"
        pytest_run = ("-m", "pytest", "-q", "-rs", "-p", "no:cacheprovider", path)
        django_run = ("manage.py", "test", "-v", "2", module)
        ran = run(self.layout, self.root, *(pytest_run if self.layout == "turbo" else django_run), env=env)
        return ran.returncode, ran.stdout

    def with_(self, **texts: str) -> AbstractContextManager[None]:
        """These texts in `events`, `contracts`, ...; afterwards all that tests write is as it was."""
        own = {
            name: getattr(self, name) for name in ("events", "contracts", "snapshot", "examples", "manifest")
        }
        files = {
            str(file.relative_to(self.root)): texts.get(name) or file.read_text()
            for name, file in own.items()
        }
        return written(self.root, files)


@pytest.fixture(scope="module", params=LAYOUTS)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return Shop(request.param, tmp_path_factory.mktemp("contracts"))


def test_contracts_are_true_on_the_first_day(shop: Shop) -> None:
    code, output = shop.test()
    assert code == 0, output
    assert "say in examples.EXAMPLES how to make" in output
    refused = output.partition("say in examples.EXAMPLES how to make ")[2].partition("\n")[0]
    assert [name for name in ("Picky", "Exotic", "Odd", "Data") if name in refused] == ["Picky"]
    unknown = {name.rpartition(".")[2] for name, schema in schemas(shop).items() if schema is None}
    assert unknown == {"Flexible", "Box", "Odd", "Exotic"}
    assert "once, to record" in output
    todos = "\n".join(todo["text"] for todo in shop.added["todos"])
    assert "Converted takes unused and does not keep it" in todos
    assert "Flexible may carry more than can be read" in todos
    [command] = [one for one in shop.added["commands"] if "UPDATE_EVENT_CONTRACTS=1" in one["argv"]]
    assert "Flexible, Box, Odd, Exotic" in command["why"]


def test_what_only_the_project_can_tell_is_recorded(shop: Shop) -> None:
    before = schemas(shop)
    with shop.with_():
        code, output = shop.test(UPDATE_EVENT_CONTRACTS="1")
        after = schemas(shop)
        assert code == 0, output
        assert "once, to record" not in output
        assert all(after.values())
        assert {name: schema for name, schema in before.items() if schema} == {
            name: schema for name, schema in after.items() if before[name]
        }
        assert shop.test()[0] == 0


def schemas(shop: Shop) -> dict[str, object]:
    return json.loads(shop.snapshot.read_text())


BREAKS = {
    "another type in the event": ("events", "order: int\n", "order: str\n", "order is <class 'str'>"),
    "another type in the contract": ("contracts", "    size=Any", "    size=str", "not as agreed"),
    "a parameter more": ("events", "copy: int,", "copy: int, more: int = 1,", "the contract says nothing"),
    "an attribute that is no longer kept": ("events", "        self.copy = copy\n", "", "Field required"),
    "an attribute more": (
        "events",
        "self.name =",
        "self.also = self.name =",
        "Extra inputs are not permitted",
    ),
    "one that is kept now": (
        "events",
        "        self.copy = copy\n",
        "        self.copy = copy\n        self.unused = unused\n",
        "kept now, so the contract has to say its type: ['unused']",
    ),
    "a value that is converted": ("events", "self.copy = copy\n", "self.copy = str(copy)\n", "valid integer"),
    "an event without a contract": (
        "events",
        "class Nothing(Event):",
        "class Late(Event):\n    pass\n\n\nclass Nothing(Event):",
        "events.Late",
    ),
    "a contract that is gone": (
        "contracts",
        "NothingContract = contract(\n    Nothing,\n)",
        "",
        "events.Nothing",
    ),
}


@pytest.mark.parametrize("shop", ["turbo"], indirect=True, scope="module")
@pytest.mark.parametrize("name", BREAKS)
def test_each_way_to_break_a_contract_is_caught(name: str, shop: Shop) -> None:
    where, old, new, expected = BREAKS[name]
    text = getattr(shop, where).read_text()
    assert old in text
    with shop.with_(**{where: text.replace(old, new, 1)}):
        code, output = shop.test()
    assert code != 0, output
    assert expected in output


def test_a_contract_may_be_stricter_than_the_types(shop: Shop) -> None:
    strict = shop.contracts.read_text().replace("    order=int,", "    order=Annotated[int, Field(gt=5)],", 1)
    imports = "from pydantic import Field\nfrom typing import Annotated\n"
    before = shop.examples.read_text()
    module = shop.events.relative_to(shop.root).with_suffix("").as_posix().replace("/", ".")
    data = f"__import__({module!r}, fromlist=['Data']).Data"
    with shop.with_(contracts=strict.replace('"""\n\n', f'"""\n\n{imports}', 1)):
        code, output = shop.test(UPDATE_EVENT_CONTRACTS="1")
        assert code == 0, output
        assert "events.Data (" in output.partition("say in examples.EXAMPLES how to make ")[2]
        for order, fails in ((9, False), (3, True)):
            line = f"EXAMPLES |= {{{data}: lambda: {data}({order}, Decimal(1))}}"
            shop.examples.write_text(f"{before}\n\n{line}\n")
            code, output = shop.test()
            assert bool(code) == fails, output
        assert "greater than 5" in output


def test_a_schema_that_changes_with_its_event_is_seen(shop: Shop) -> None:
    events = shop.events.read_text().replace("order: int\n", "order: str\n")
    contracts = shop.contracts.read_text().replace("order=int", "order=str")
    with shop.with_(events=events, contracts=contracts):
        code, output = shop.test()
    assert code != 0
    assert "Data is not as agreed" in output


def test_a_new_event_is_covered_by_upgrade(shop: Shop) -> None:
    late = "\n\n@dataclass\nclass Late(Event):\n    at: datetime.date\n    prices: list[Money]\n"
    old = shop.contracts.read_text().partition("ParentContract = ")[2]
    with shop.with_(events=shop.events.read_text() + late):
        assert "Late has no contract" in shop.cli("check", code=1).err
        assert "Late has no contract" in shop.cli("status").out
        shop.cli("upgrade", "--yes", "--allow-dirty")
        code, output = shop.test()
        assert code == 0, output
        assert "at=date," in shop.contracts.read_text()
        assert old in shop.contracts.read_text(), "a contract that was there is not as it was"
        assert "up to date" in shop.cli("upgrade", "--yes", "--allow-dirty").out
