"""The whole program on a laptop: the real engine, file state, a cloud in memory."""
