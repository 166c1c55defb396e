"""The log carried elsewhere: `export` writes its lines out, `import` takes them into an empty registry, `replay` opens
an earlier state of them, read-only.

What is carried are the stored bytes, line by line, in constant memory. Nothing half done stays: a file gets its name
when it is whole, an import is one transaction, a replay's database is gone with it. `sources` reads lines from files
and pipes, `remote` from another registry.
"""

from service.carrying.exporting import export
from service.carrying.importing import take_in
from service.carrying.replaying import replay

COMMANDS = (export, take_in, replay)
"""What the command `mengfu` has from here."""
