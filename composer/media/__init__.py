"""Looking at media files without Django: what a file is, whether TikTok takes it, and sample clips."""
