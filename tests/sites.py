"""Two small sites, and programs that write them, for tests/test_site.py."""

from __future__ import annotations

from bundler.site import INDEX, Site

OLD = Site(
    {
        "assets/page-1.js": b"old script",
        "assets/style-1.css": b"body { color: red }",
        "model-1/model.json": b"{}" * 500,
        "shared/logo-1.svg": b"<svg/>",
        INDEX: b"<script src=assets/page-1.js></script>",
    },
    {"engine": "assets/page-1.js"},
)
NEW = Site(
    {
        "assets/page-2.js": b"new script",
        "assets/sub/part-2.js": b"part",
        "model-2/model.json": b"[]" * 40_000,
        "shared/logo-1.svg": b"<svg/>",
        INDEX: b"<script src=assets/page-2.js></script>",
    },
    {"engine": "assets/page-2.js"},
)

THIRD = Site(
    {
        "assets/page-3.js": b"third script",
        "third/part-3.js": b"part",
        INDEX: b"<script src=assets/page-3.js></script>",
    },
    {"engine": "assets/page-3.js"},
)

# As gallery.combine makes them: demos in folders, whose pages keep their names.
OLD_GALLERY = Site(
    {
        "one/assets/page-1.js": b"old script",
        "one/index.html": b"<script src=assets/page-1.js></script>",
        "one/tfjs-demo.json": b"{}",
        "two/assets/page-1.js": b"script",
        "two/index.html": b"<script src=assets/page-1.js></script>",
        "two/tfjs-demo.json": b"{}",
        INDEX: b"<a href=one/></a><a href=two/></a> 1",
    },
    {"demos": ["one", "two"]},
)
NEW_GALLERY = Site(
    {
        "one/index.html": b"<script src=assets/page-2.js></script>",
        "one/assets/page-2.js": b"new script" * 4_000,
        "one/tfjs-demo.json": b"{ }",
        "three/index.html": b"<script src=assets/page-3.js></script>",
        "three/assets/page-3.js": b"script",
        "three/tfjs-demo.json": b"{}",
        INDEX: b"<a href=one/></a><a href=three/></a> 2",
    },
    {"demos": ["one", "three"]},
)

# Writes the site named sys.argv[3] into sys.argv[1] and dies before effect number sys.argv[2]
# on the disk; prints how many effects there were when it did not die.
WRITER = """
import os, signal, sys
from pathlib import Path
from bundler import site
from tests import sites

EFFECTS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.chmod"}
count = 0

def watch(event: str, details: tuple) -> None:
    global count
    flags = details[2] if event == "open" and isinstance(details[2], int) else 0
    if flags & (os.O_WRONLY | os.O_RDWR) or event in EFFECTS:
        if count == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

folder = Path(sys.argv[1])
sys.addaudithook(watch)
site.write(getattr(sites, sys.argv[3]), folder)
print(count)
"""

# Writes the site named sys.argv[3] into sys.argv[1] where no file may become larger than
# sys.argv[2] bytes.
CROWDED = """
import resource, signal, sys
from pathlib import Path
from bundler import site
from bundler.ground.errors import SiteError
from tests import sites

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    site.write(getattr(sites, sys.argv[3]), Path(sys.argv[1]))
except SiteError as error:
    print(error.message)
"""

# Writes the site NEW into folders of sys.argv[1] that hold sys.argv[2], if that is a site, and is
# sent the signal sys.argv[3] at the first effect on the disk, then at the second, and so on until
# there are no more; prints what was done by then.
STOPPED = """
import os, sys
from pathlib import Path
from bundler import site
from bundler.ground import stopping
from tests import sites

EFFECTS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.chmod"}
count = wanted = -1

def watch(event: str, details: tuple) -> None:
    global count
    flags = details[2] if event == "open" and isinstance(details[2], int) else 0
    if flags & (os.O_WRONLY | os.O_RDWR) or event in EFFECTS:
        count += 1
        if count == wanted:
            os.kill(os.getpid(), int(sys.argv[3]))

sys.addaudithook(watch)
for effect in range(100):
    folder = Path(sys.argv[1]) / str(effect)
    if hasattr(sites, sys.argv[2]):
        site.write(getattr(sites, sys.argv[2]), folder)
    stopping.listen(lambda: None)
    count, wanted = -1, effect
    try:
        site.write(sites.NEW, folder)
    except stopping.StoppedError as stop:
        print(effect, stop.exit_code, "done" if stop.done else "not done")
    if count < effect:
        break
"""
