"""Words for members of a family: who is named after one ("my daughter Alexis") is nobody of the practice."""

from __future__ import annotations

from words.tokens import word_set

KIN = word_set(
    "son daughter child kid baby boy girl husband wife partner mother mom mum father dad brother sister "
    "grandson granddaughter grandmother grandfather aunt uncle nephew niece cousin friend stepson "
    "stepdaughter"
)
