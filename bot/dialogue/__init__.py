"""The client of the Rasa server, and the files that the server is started with."""
