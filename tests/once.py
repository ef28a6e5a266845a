"""What several test processes need and one of them makes."""

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.files import locks


def once(name: str, make: Callable[[Path], None]) -> Path:
    """A folder that `make` fills, in whichever process asks first; the others wait for it. A failure leaves none."""
    folder: Path = settings.VAR_DIR / f"once-{name}"
    with (settings.VAR_DIR / f"once-{name}.lock").open("w") as lock:
        locks.lock(lock, locks.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder
