"""Serves moto on the address and port of the arguments: python serve.py ADDRESS PORT."""

import logging
import sys

from moto.server import main

logging.getLogger("werkzeug").setLevel(logging.ERROR)
main(["-H", sys.argv[1], "-p", sys.argv[2]])
