"""What the packaged program starts: the same as `ekyc-capture`."""

import sys

from capture_client.cli import main

if __name__ == "__main__":
    sys.exit(main())
