"""`make audit-kit`: films the running product for TikTok's reviewers and writes what their forms ask for.

It needs the development requirements, a Chromium, and an X display; nothing of the running product imports it.
"""
