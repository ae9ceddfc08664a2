"""Audit mode: TikTok's points 1 to 5 walked through on the real composer, one state at a time."""
