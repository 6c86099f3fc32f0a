"""HCL is read as it is written."""

from __future__ import annotations

import pytest

from tests.infrastructure import hcl
from tests.infrastructure.types import unknown_keys

FILE = """\
# a comment { with a brace
locals {
  a = "x-${lookup(var.m, "k", "}")}" // more
  b = var.on ? {
    "one two" = [1, 2]
    (var.k)   = null
  } : {}
  c = <<-EOF
    provider "aws" { region = "${local.a}" }
  EOF
  d = (
    1 +
    2
  )
}

/* a
   block */
module "m" {
  source = "./m"

  nested "label" {
    x = [for each in var.list : { name = each } if each != ""]
    y = { for key, value in
      var.map : key =>
    value... if true }
    z = module.other["a.b"].list[*].name
  }
}
"""


def test_blocks_and_attributes() -> None:
    body = hcl.parse(FILE)
    locals_, module = body.blocks
    assert [block.type for block in body.blocks] == ["locals", "module"]
    values = locals_.body.attributes
    assert values["a"].source == '"x-${lookup(var.m, "k", "}")}"'
    choice = values["b"].value
    assert isinstance(choice, hcl.Choice)
    assert isinstance(choice.yes, hcl.Object)
    assert [(item.key, item.source, item.line) for item in choice.yes.items] == [
        ("one two", "[1, 2]", 5),
        (None, "null", 6),
    ]
    assert values["c"].source.startswith("<<-EOF\n")
    assert isinstance(values["d"].value, hcl.Other)
    assert (module.labels, module.line) == (("m",), 19)
    (nested,) = module.body.blocks
    assert nested.labels == ("label",)
    x, y, z = (nested.body.attributes[name].value for name in "xyz")
    assert isinstance(x, hcl.For)
    assert isinstance(x.value, hcl.Object)
    assert isinstance(y, hcl.For)
    assert y.keyed
    assert z == hcl.Reference('module.other["a.b"].list[*].name', 27)


@pytest.mark.parametrize(
    "text", ['a = "x', "a = {", "a = 1 b = 2\n= 3", "a =", "a {", "a = [1 2]", "a = 1\na = 2\n"]
)
def test_what_is_no_hcl(text: str) -> None:
    with pytest.raises(hcl.Invalid):
        hcl.parse(text)


TYPE = """map(object({
  portMappings = optional(list(object({ containerPort = number })), [])
  environment  = optional(map(string))
  log          = optional(object({ options = map(string) }), {})
}))"""


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        ("{ web = { portMappings = [{ containerPort = 1 }], environment = { ANY_KEY = 1 } } }", []),
        ("{ web = { port_mappings = [] } }", ["in.web.port_mappings"]),
        ("{ web = { portMappings = [{ container_port = 1 }] } }", ["in.web.portMappings[0].container_port"]),
        ("{ for key in var.keys : key => { ports = 1 } }", ["in[*].ports"]),
        ("merge(var.other, { (var.k) = { ports = 1 } })", ["in.?.ports"]),
        ("var.on ? { a = { x = 1 } } : { b = { y = 1 } }", ["in.a.x", "in.b.y"]),
        ("local.containers", ["in.web.z"]),
        ('{ web = { "log" = { options = { any = 1 }, driver = "x" } } }', ["in.web.log.driver"]),
        (
            "{ web = { portMappings = [for port in var.ports : { port = port }] } }",
            ["in.web.portMappings[*].port"],
        ),
        ("var.anything", []),
    ],
)
def test_keys_that_a_type_does_not_have(value: str, paths: list[str]) -> None:
    local = {"containers": hcl.expression("{ web = local.web }"), "web": hcl.expression("{ z = 1 }")}
    found = unknown_keys(hcl.expression(value), hcl.expression(TYPE), local, "in")
    assert sorted({key.path for key in found}) == sorted(paths)
