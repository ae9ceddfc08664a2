"""The sentences TikTok prescribes, each written once and to the letter.

Source: https://developers.tiktok.com/doc/content-sharing-guidelines (points 2 to 4); for AI-generated content
https://developers.tiktok.com/doc/content-posting-api-reference-direct-post (`is_aigc`). Straight quotes, and a
full stop only where TikTok has one. Wording of our own never stands in this file.
"""

ALLOW_COMMENT = "Allow Comment"
DUET = "Duet"
STITCH = "Stitch"

DISCLOSURE_SENTENCE = "Indicate whether this content promotes yourself, a brand, product or service"
YOUR_BRAND = "Your brand"
YOUR_BRAND_HELP = (
    "You are promoting yourself or your own business. This content will be classified as Brand Organic."
)
BRANDED_CONTENT = "Branded content"
BRANDED_CONTENT_HELP = (
    "You are promoting another brand or a third party. This content will be classified as Branded Content."
)
PROMPT_YOUR_BRAND = "Your photo/video will be labeled as 'Promotional content'"
PROMPT_BRANDED_CONTENT = "Your photo/video will be labeled as 'Paid partnership'"
NOTHING_INDICATED = "You need to indicate if your content promotes yourself, a third party, or both."
NO_PRIVATE_BRANDED_CONTENT = "Branded content visibility cannot be set to private."

AIGC_LABEL = "Creator labeled as AI-generated"

DECLARATION_OPENING = "By posting, you agree to TikTok's "
DECLARATION_AND = " and "
DECLARATION_END = "."
MUSIC_USAGE_CONFIRMATION = "Music Usage Confirmation"
MUSIC_USAGE_CONFIRMATION_URL = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en"
BRANDED_CONTENT_POLICY = "Branded Content Policy"
BRANDED_CONTENT_POLICY_URL = "https://www.tiktok.com/legal/page/global/bc-policy/en"
