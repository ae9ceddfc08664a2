"""Captions and what is in them: the server and the browser must read every one of them alike."""

FAMILY = "👩‍👩‍👧"

# Each caption with its hashtags and its mentions.
CAPTIONS = [
    ("", [], []),
    ("no sign at all", [], []),
    ("this will be a funny #cat video on your @tiktok #fyp", ["#cat", "#fyp"], ["@tiktok"]),
    ("#first line\n#second\r\n@third", ["#first", "#second"], ["@third"]),
    ("#a\t#b\u3000#c\xa0#d\u2028#e", ["#a", "#b", "#c", "#d", "#e"], []),
    ("mail me at me@example.com, room 5#b", [], []),
    ("# @ ## @@ #! @- #_ (#a) '@b'", [], []),
    ("#1 #_a #!a @a.b_c", ["#1", "#_a", "#!a"], ["@a.b_c"]),
    ("#cat, #cat. #cat", ["#cat,", "#cat.", "#cat"], []),
    ("#one#two @one@two #one@two", ["#one#two", "#one@two"], ["@one@two"]),
    ("#same #same #SAME @me @me", ["#same", "#SAME"], ["@me"]),
    ("😀 #größe 😀#no #日本 #مرحبا #ñandú", ["#größe", "#日本", "#مرحبا", "#ñandú"], []),
    (f"#😀 #{FAMILY} @é #e\u0301", ["#😀", f"#{FAMILY}", "#e\u0301"], ["@é"]),
    ("#\u200b #a\u200bb #\ufeff #\x1f @\u200d", ["#a\u200bb"], []),
    ("<b>#bold</b> #<i> @&amp;", ["#<i>"], ["@&amp;"]),
    ("\n\n  #late  \n", ["#late"], []),
    ("x" * 2190 + " #over the limit", ["#over"], []),
]

# Each text with a limit and what of it fits.
CUTS = [
    ("", 0, ""),
    ("abc", 3, "abc"),
    ("abc", 2, "ab"),
    ("abc", 0, ""),
    ("a\nb", 2, "a\n"),
    ("a\r\nb", 2, "a"),
    ("😀😀", 3, "😀"),
    ("😀", 1, ""),
    ("ae\u0301x", 2, "a"),
    ("ae\u0301x", 3, "ae\u0301"),
    (f"a{FAMILY}b", 8, "a"),
    (f"a{FAMILY}b", 9, f"a{FAMILY}"),
    ("🇩🇪🇫🇷", 7, "🇩🇪"),
    ("👍🏽!", 3, ""),
    ("👍🏽!", 4, "👍🏽"),
    ("\u1112\u1161\u11ab!", 2, ""),
    ("x" * 2300, 2200, "x" * 2200),
    ("x" * 2199 + "😀", 2200, "x" * 2199),
]
