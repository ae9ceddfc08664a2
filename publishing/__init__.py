"""When and how: the state machine, the engine that talks to TikTok about a post, and its pages."""
