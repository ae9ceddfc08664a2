"""`make chaos`: real processes are killed, frozen and lied to, and TikTok's ledger says what became of every post."""
