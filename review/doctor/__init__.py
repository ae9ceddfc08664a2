"""The setup doctor: looks at this installation as TikTok's portal, its reviewers and its servers will."""
