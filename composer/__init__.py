"""What: media, the post being written, TikTok's sharing rules and the person's consent."""
