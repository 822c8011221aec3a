"""The paths that Django answers at a relay. `site` must know them, too."""

from __future__ import annotations

from django.urls import re_path

from jupyter_live.login.views import SignIn, SignOut

urlpatterns = [re_path(r"^login/?$", SignIn.as_view()), re_path(r"^logout/?$", SignOut.as_view())]

handler500 = "jupyter_live.login.views.failed"
