"""Who: people, workspaces, connected TikTok accounts, their tokens and what TikTok says of the creator."""
