"""How gunicorn runs the gateway: `gunicorn -c python:api.gunicorn_conf "api:create_app()"`."""

from __future__ import annotations

from api.settings import ServerSettings

_settings = ServerSettings()

bind = _settings.bind
workers = _settings.gateway_processes
threads = _settings.gateway_threads
worker_class = "gthread"
keepalive = 20
#: A long poll lasts 30 s and must be able to end by itself when the gateway is told to stop.
graceful_timeout = 35
timeout = 60
# Requests are logged by the application, with their ids and without addresses.
accesslog = None
# Several gateways may run under one user; gunicorn's control socket would be one file for all of them.
control_socket_disable = True
