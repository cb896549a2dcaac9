"""Language: what the bot can say (utterances), its words (catalogs), its dates and doses (formats)."""
