"""A TikTok that remembers: it speaks TikTok's written contract, in its own process on its own port."""
