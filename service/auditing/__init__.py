"""What a stranger checks without trusting us: an export against a checkpoint, single facts, a running registry.

Nothing here opens the registry that is checked, or believes what it says of itself: lines are hashed again, and what
is not shown by a signature and by proofs is wrong. `copies` checks lines one after another, `source` asks a registry,
`audits` looks at one now and then, `state` is what an auditor remembers of it, `exports` checks a file.
"""

from service.auditing.commands import audit, check_proof, prove

COMMANDS = (audit, prove, check_proof)
"""What the command `mengfu` has from here."""
