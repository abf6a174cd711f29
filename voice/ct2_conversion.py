"""openai-whisper's checkpoint in CTranslate2's form, kept beside it and made anew when either changes.

The network is written into CTranslate2's own description of a Whisper model, layer by layer, so nothing but
the two packages is needed. The form holds fp32; int8 is made of it in memory as it is loaded.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

import torch

from models.errors import RecognitionError
from voice.whisper_tokens import WhisperTokens
from voice.whisper_weights import load_network

_LAYOUT: Final = 1  # counted up when what is written here changes
_HASH_DIGITS: Final = 16
_MULTILINGUAL: Final = "multilingual"


def converted(weights: Path) -> Path:
    """The folder of the converted weights; made when it is missing, which needs three times their space.

    Raises RecognitionError: weights that do not load, or a folder that cannot be written.
    """
    folder = weights.with_name(f"{weights.name}.ct2-{_hash(weights)}")
    if not folder.is_dir():
        network = load_network(weights)
        try:
            _write(network, folder)
        except OSError as problem:
            if not folder.is_dir():  # another worker was faster and tidied up
                raise _unwritable(weights, problem) from problem
        for other in weights.parent.glob(f"{weights.name}.ct2-*"):
            if other != folder:
                shutil.rmtree(other, ignore_errors=True)
    return folder


def languages_of(folder: Path) -> tuple[bool, int]:
    """Whether the converted weights are multilingual, and how many languages have a token in them."""
    config = json.loads((folder / "config.json").read_text())
    return config[_MULTILINGUAL], len(config["lang_ids"])


def _hash(weights: Path) -> str:
    import ctranslate2

    try:
        with weights.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as problem:
        raise RecognitionError(
            f"{weights.name} cannot be read: {problem.strerror}", fix=f"Check that {weights} may be read."
        ) from problem
    digest.update(f"{_LAYOUT} {ctranslate2.__version__}".encode())
    return digest.hexdigest()[:_HASH_DIGITS]


def _unwritable(weights: Path, problem: OSError) -> RecognitionError:
    return RecognitionError(
        f"{weights.name} cannot be converted for CTranslate2 in its folder: {problem.strerror}",
        fix=f"Let the server write to {weights.parent} and leave it three times the space of {weights.name}, "
        'or set STT = "whisper".',
    )


def _write(network: Any, folder: Path) -> None:
    """Whole or not at all: several workers may do this at once."""
    part = Path(tempfile.mkdtemp(prefix=f"{folder.name}.part-", dir=folder.parent))
    try:
        part.chmod(0o755)  # who checks the set-up may be another user than who serves
        specification(network).save(str(part))
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def specification(network: Any) -> Any:
    """CTranslate2's description of the network, complete."""
    from ctranslate2.specs.whisper_spec import WhisperSpec

    dims, encoder, decoder = network.dims, network.encoder, network.decoder
    spec = WhisperSpec(dims.n_audio_layer, dims.n_audio_head, dims.n_text_layer, dims.n_text_head)
    for each in ("conv1", "conv2"):
        _linear(getattr(spec.encoder, each), getattr(encoder, each))
    _common(spec.encoder, encoder.positional_embedding, encoder.ln_post)
    _common(spec.decoder, decoder.positional_embedding.data, decoder.ln)
    spec.decoder.embeddings.weight = decoder.token_embedding.weight.data.contiguous()
    spec.decoder.projection.weight = decoder.token_embedding.weight.data.contiguous()
    for layer, block in zip(spec.encoder.layer, encoder.blocks, strict=True):
        _block(layer, block)
    for layer, block in zip(spec.decoder.layer, decoder.blocks, strict=True):
        _block(layer, block)
        _attention_to_audio(layer.attention, block)
    _words(spec, network.is_multilingual, network.num_languages, dims.n_vocab)
    spec.validate()
    spec.optimize(quantization="float32")
    return spec


def _common(spec: Any, places: torch.Tensor, last_norm: Any) -> None:
    spec.position_encodings.encodings = places
    _norm(spec.layer_norm, last_norm)


def _block(spec: Any, block: Any) -> None:
    own = block.attn
    _linear(spec.self_attention.linear[0], own.query, own.key, own.value)
    _linear(spec.self_attention.linear[1], own.out)
    _norm(spec.self_attention.layer_norm, block.attn_ln)
    _linear(spec.ffn.linear_0, block.mlp[0])
    _linear(spec.ffn.linear_1, block.mlp[2])
    _norm(spec.ffn.layer_norm, block.mlp_ln)


def _attention_to_audio(spec: Any, block: Any) -> None:
    audio = block.cross_attn
    _linear(spec.linear[0], audio.query)
    _linear(spec.linear[1], audio.key, audio.value)
    _linear(spec.linear[2], audio.out)
    _norm(spec.layer_norm, block.cross_attn_ln)


def _linear(spec: Any, *layers: Any) -> None:
    """Layers over the same input side by side; Whisper's keys have no bias."""
    spec.weight = torch.cat([layer.weight.data for layer in layers]).contiguous()
    spec.bias = torch.cat(
        [torch.zeros(layer.weight.shape[0]) if layer.bias is None else layer.bias.data for layer in layers]
    )


def _norm(spec: Any, norm: Any) -> None:
    spec.gamma, spec.beta = norm.weight.data, norm.bias.data


def _words(spec: Any, multilingual: bool, languages: int, count: int) -> None:
    """CTranslate2 looks the orders up by name; what the other tokens write is no business of its."""
    tokens = WhisperTokens(multilingual, languages)
    names = [str(token) for token in range(count)]
    for name, token in tokens.orders().items():
        names[token] = name
    spec.register_vocabulary(names)
    spec.config.suppress_ids = tokens.never
    spec.config.suppress_ids_begin = tokens.never_first
    spec.config.lang_ids = tokens.languages()
    spec.config.add_attribute(_MULTILINGUAL, multilingual)  # for us: CTranslate2 reads over it
    spec.config.alignment_heads = [[0, 0]]  # for word times, which are not asked for
