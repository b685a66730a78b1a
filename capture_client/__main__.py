"""`python -m capture_client` is `ekyc-capture`."""

import sys

from capture_client.cli import main

sys.exit(main())
