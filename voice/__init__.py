"""Audio to words and words to audio: VAD, endpointing, barge-in, speech-to-text, text-to-speech."""
