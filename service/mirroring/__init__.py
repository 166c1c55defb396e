"""`mengfu follow`: this registry as a copy of another one, which grows as that one does and can be read alone.

Nothing is believed that the other registry says of itself: a line is stored once it has been checked, and shown by a
signature to be the next one. `following` does that, `texts` brings the captured texts of documents after it.
"""

from service.mirroring.commands import follow

COMMANDS = (follow,)
"""What the command `mengfu` has from here."""
