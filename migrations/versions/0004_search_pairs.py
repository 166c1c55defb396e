"""The pairs of characters of a text, by which search finds it: a function that an index of its table rests on.

The service role makes its projections' tables, but no functions: the owner would refuse to go on where it had one.
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

UP = (
    r"""
create function search_pairs (tier smallint, words text) returns int4[]
immutable strict parallel safe language sql as $$
  select array(
    select (ascii(a) << 16 | ascii(b)) # (tier & 3) * 523640629
    from (select string_to_array(words, null)) as w (c), unnest(c, c[2:]) as pairs (a, b) where b is not null
  )
$$
""",
)

DOWN = ("drop function search_pairs (smallint, text) cascade",)


def upgrade() -> None:
    """Make the function."""
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take it away, and the index that rests on it."""
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
