"""What a user has, and a seed → something new that is like it. Loads without torch.

likeness = Likeness.fit("emoji", "image", minutes=5)
likeness.generate(seed=42, of="a cat and an owl").value
"""

from __future__ import annotations

from walkiosk.likeness.files import digest_of, files_of, in_words
from walkiosk.likeness.likeness import KINDS, Generated, Likeness

__all__ = ["KINDS", "Generated", "Likeness", "digest_of", "files_of", "in_words"]
