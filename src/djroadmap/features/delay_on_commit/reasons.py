"""Why a call stays as it is, in the words of the report."""

from __future__ import annotations

from typing import NamedTuple


class Reason(NamedTuple):
    """One reason, and whether a person should look at what it keeps."""

    text: str
    look: bool = False


RESULT = Reason("its result is used")
SIGNATURE = Reason("it sends a signature, a chain or a group, which has no such method")
HANDED = Reason("it is handed on, not called")
UNKNOWN = Reason("it is not surely a Celery task of this project")
TEST = Reason("it is in a test")
MIGRATION = Reason("it is in a migration")
COMMAND = Reason("a management command runs outside of a transaction")
WORKER = Reason("it is in a task that does nothing with the database, so outside of a transaction")
MODULE = Reason("it runs when the module is imported, outside of a transaction")
OUTSIDE = Reason("it runs outside of Django's transactions")
ALREADY = Reason("it is sent on commit already, in a way that has no shorter form")
ITSELF = Reason("the task sends itself again, as a retry does")
FAILURE = Reason("it has to be sent even if the transaction is rolled back: it reports a failure")
ASYNC = Reason("`transaction.on_commit` cannot be called in async code", look=True)
CALLED = Reason("its function is called from async code, where `transaction.on_commit` cannot be", look=True)
TRY = Reason("it is inside `try`, which an error of the broker would escape", look=True)
SUPPRESS = Reason("it is where errors are suppressed, which an error of the broker would escape", look=True)
CONTEXT = Reason("it is in a `with` block that may matter when it is sent", look=True)
DATABASE = Reason("the transaction may be another database's", look=True)
CHANGED = Reason("what it is sent with is changed afterwards", look=True)
OBJECT = Reason("it is sent a row or a query as a whole, which may be another one at the commit", look=True)
DELETED = Reason("a row is deleted behind it, which the task could not find after the commit", look=True)
LATE = Reason("its callback reads what may be something else by the time it runs", look=True)
SHAPE = Reason("its callback does more than name what to send", look=True)
COMMENT = Reason("a comment or a long string stands in it", look=True)
LAYOUT = Reason("its lines end in white space, or stand out to the left", look=True)
IMPORTED = Reason("what is imported for it in the same function would be left unused", look=True)
CONNECTION = Reason("it is given a connection, which is closed by then", look=True)
AUTOCOMMIT = Reason("the module switches autocommit off", look=True)
MOCKED = Reason("a test asserts on how the task is sent", look=True)
