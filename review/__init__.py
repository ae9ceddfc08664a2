"""What strangers and TikTok's reviewers see first: the public pages and the demo."""
