"""How much one request may ask for.

Each fragment is measured once: a few fragments that each use the next one twice
would keep rules busy for years that follow every use of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    ValidationRule,
)

if TYPE_CHECKING:
    from graphql import DocumentNode, SelectionSetNode

# Words and signs of a request.
MAX_TOKENS = 2000
# Fields within fields.
MAX_DEPTH = 10
# Fields in all, those of a fragment as often as it is used.
MAX_FIELDS = 200
# Rows of a list.
PAGE = 50
MAX_PAGE = 100


class Size(NamedTuple):
    """What a selection asks for."""

    depth: int = 0
    fields: int = 0


class QueryLimits(ValidationRule):
    """Refuses operations that are too deep or too costly, before they are run."""

    def enter_document(self, node: DocumentNode, *_: Any) -> None:
        self.fragments = {
            definition.name.value: definition
            for definition in node.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self.sizes: dict[str, Size] = {}
        for definition in node.definitions:
            if isinstance(definition, OperationDefinitionNode):
                self.check(definition)

    def check(self, operation: OperationDefinitionNode) -> None:
        size = self.measure(operation.selection_set)
        if size.depth > MAX_DEPTH:
            message = f"The query is too deep: only {MAX_DEPTH} levels are allowed"
            self.report_error(GraphQLError(message, operation))
        if size.fields > MAX_FIELDS:
            message = f"The query is too costly: only {MAX_FIELDS} fields are allowed"
            self.report_error(GraphQLError(message, operation))

    def measure(self, selected: SelectionSetNode | None) -> Size:
        depth = fields = 0
        for node in selected.selections if selected else ():
            size = self.measure_one(node)
            depth, fields = max(depth, size.depth), fields + size.fields
        return Size(depth, fields)

    def measure_one(self, node: Any) -> Size:
        if isinstance(node, FragmentSpreadNode):
            return self.measure_fragment(node.name.value)
        if not isinstance(node, FieldNode):
            return self.measure(node.selection_set)
        if node.name.value.startswith("__"):
            # What is asked of the schema itself, where that is allowed.
            return Size()
        inner = self.measure(node.selection_set)
        return Size(inner.depth + 1, inner.fields + 1)

    def measure_fragment(self, name: str) -> Size:
        if name not in self.sizes and name in self.fragments:
            # Another rule refuses a fragment that uses itself.
            self.sizes[name] = Size()
            self.sizes[name] = self.measure(self.fragments[name].selection_set)
        return self.sizes.get(name, Size())


def page_of(offset: int, limit: int) -> slice:
    """A part of a list, with no more than `MAX_PAGE` rows."""
    start = max(offset, 0)
    return slice(start, start + min(max(limit, 0), MAX_PAGE))
