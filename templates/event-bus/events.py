"""The domain events of this project: subclasses of `DomainEvent` with plain values.

Publish them with `event_bus.publish(...)`, once the transaction is committed
(`transaction.on_commit`). Subscribe handlers in the `ready` method of an `AppConfig`.
"""
