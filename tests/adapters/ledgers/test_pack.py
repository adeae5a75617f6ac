import msgspec

from support.cast import ask
from support.entries import entry
from switchgear.adapters.ledgers import pack
from switchgear.domain.ask import Ask, Shape
from switchgear.domain.situation import Reading


def test_every_field_has_its_place() -> None:
    placed = {*pack.SAID_BY_COLUMNS, *pack.DIGESTS, *pack.ALONE, "shape"}
    assert placed == set(Ask.__struct_fields__)
    assert set(pack.SHAPE) == set(Shape.__struct_fields__)
    assert set(pack.READING) == set(Reading.__struct_fields__)


def test_rows_of_a_release_with_fewer_fields_take_the_defaults() -> None:
    written = entry(ask=ask(task_name="fix-42", task_step=7))
    assert written.ask is not None
    fields = msgspec.msgpack.decode(pack.pack_ask(written.ask, written))
    assert fields[-5:] == ["fix-42", 7, False, b"", ""]
    shorter = msgspec.msgpack.encode(fields[:-5])
    columns = tuple(msgspec.to_builtins(getattr(written, name)) for name in pack.SAID_BY_COLUMNS)
    assert pack.unpack_ask(shorter, columns) == msgspec.structs.replace(
        written.ask, task_name="", task_step=0
    )
