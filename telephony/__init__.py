"""The carrier edge: Twilio's messages, requests and orders on one side, the call's events on the other."""
