"""What search finds a text by: the pairs of characters of its words, and its tags, in one array for one index.

Words of a party's agreements are looked up in that as what both have, with no row read that has but one. The function
rests on nothing but pg_catalog, since PostgreSQL has no other schema in its path when it tends an index.
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

UP = (
    r"""
create function search_pairs (tier smallint, words text, tags text) returns int4[]
immutable strict parallel safe language sql as $$
  select array(
    select (ascii(a) << 16 | ascii(b)) # (tier & 3) * 523640629
    from (select string_to_array(words, null)) as w (c), unnest(c, c[2:]) as pairs (a, b) where b is not null
    union all
    select tag::int4 from string_to_table(tags, ',') as t (tag)
  )
$$
""",
)

DOWN = ("drop function search_pairs (smallint, text, text) cascade",)


def upgrade() -> None:
    """Make the function."""
    for statement in UP:
        op.get_bind().exec_driver_sql(statement)


def downgrade() -> None:
    """Take it away, and the index that rests on it."""
    for statement in DOWN:
        op.get_bind().exec_driver_sql(statement)
