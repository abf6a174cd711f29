"""A phone agent on pipecat, for comparison: its telephone line and turn-taking, our recogniser and voice.

Runs where pipecat is installed (`scripts/peers.sh pipecat-agent`), never in the product's environment.
"""
