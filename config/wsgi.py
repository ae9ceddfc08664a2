"""The WSGI entry point that gunicorn serves."""

import gc
import os
from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# Whatever has been imported stays for as long as the process. The collector, which went through all of it every few
# hundred requests and stopped every thread for 0.2 s meanwhile, is told to leave it alone.
import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
