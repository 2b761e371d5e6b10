"""The part of the wiring for what admins make of the prompts; see `ivr/bootstrap.py`."""

from functools import cached_property
from pathlib import Path

from ivr import resources
from ivr.bootstrap_selftest import SelftestParts
from ivr.callflow.prompts import Language
from ivr.services.pins import PinHasher
from ivr.services.prompt_entries import PromptParts
from ivr.services.prompt_numbers import PromptNumbers
from ivr.services.prompt_prices import PriceWatch
from ivr.services.prompts import Prompts
from ivr.services.recording_calls import RecordingCalls, RecordingParts
from ivr.services.recording_pins import RecordingPins
from ivr.services.spoken_prices import Prices
from ivr.setting_rules import notice_rules
from ivr.voice.catalogue import Catalogue
from ivr.voice.fallback_sounds import FallbackSounds
from ivr.voice.intake import TakenIn, UploadLimits, take_in
from ivr.voice.live import LiveShelf
from ivr.voice.prompt_words import refusal_words
from ivr.voice.sounds import SoundLibrary
from ivr.voice.studio import SoundStudio

PUBLISHED = "prompts"
"""The folder of the recordings, beside the database: it cannot be made again."""


def price_version(plans: Path, tariffs: Path) -> str:
    """What recordings with prices are bound to."""
    return f"plans {resources.meaning(plans)[:12]}, tariffs {resources.meaning(tariffs)[:12]}"


class VoiceParts(SelftestParts):
    """Texts and recordings of admins."""

    @property
    def sounds(self) -> SoundLibrary:
        """The sounds of the line."""
        raise NotImplementedError

    @property
    def pins(self) -> PinHasher:
        """Hashes codes."""
        raise NotImplementedError

    @cached_property
    def prices(self) -> Prices:
        """Plans and tariffs of one version."""
        plans, tariffs = self._config / "plans.yaml", self._config / self.settings.tariffs
        return Prices(self.plans, self.offer_rules, price_version(plans, tariffs))

    @cached_property
    def prompts(self) -> Prompts:
        """Lists, saves and publishes them."""
        parts = PromptParts(self.storage, self.clock, self.catalogue, self.studio, self.prices)
        return Prompts(parts, self.settings.voice.longest_text)

    @cached_property
    def studio(self) -> SoundStudio:
        """Speaks drafts, takes in uploads."""
        folder = self.settings.path(PUBLISHED)
        return SoundStudio(lambda: self.catalogue, lambda: self.sounds, folder, self._take_in)

    @cached_property
    def prompt_numbers(self) -> PromptNumbers:
        """What a telephone calls each prompt."""
        return PromptNumbers(self.storage, self.prompts, self.catalogue)

    @cached_property
    def recording_pins(self) -> RecordingPins:
        """Lets admins record by phone."""
        return RecordingPins(self.storage, self.pins, self.observer)

    @cached_property
    def recording_calls(self) -> RecordingCalls:
        """Answers the extension for recording."""
        parts = RecordingParts(
            ids=self.ids,
            observer=self.observer,
            pins=self.recording_pins,
            numbers=self.prompt_numbers,
            prompts=self.prompts,
            takes=self.studio,
            words=refusal_words,
            inbox=self.settings.path("inbox"),
            language=Language.DE,
        )
        return RecordingCalls(parts)

    @cached_property
    def price_watch(self) -> PriceWatch:
        """Tells people of recordings that prices took out of use."""
        words = resources.load_yaml(resources.folder("prompts") / "recordings.yaml")
        page = f"{self.settings.public_url.rstrip('/')}/console/prompts"
        return PriceWatch(
            self.storage,
            self.prompts,
            self.observer,
            words,
            notice_rules(self.settings).last,
            page,
        )

    @cached_property
    def fallback_sounds(self) -> FallbackSounds:
        """Keeps what the dialplan says by itself up to date."""
        folder = self.settings.path("sounds", "fallback")
        return FallbackSounds(lambda: self.catalogue, lambda: self.sounds, folder)

    def _live(self, shipped: Catalogue) -> Catalogue:
        """The catalogue under what admins have published."""
        shelf = LiveShelf(
            lambda: self.storage,
            self.clock,
            lambda: self.prices.version,
            lambda version: shipped.fits(version.key, version.words),
        )
        return shipped.with_shelf(shelf)

    def _take_in(self, source: Path, target: Path) -> TakenIn:
        own = self.settings.uploads
        return take_in(source, target, UploadLimits(own.largest_megabytes, own.longest_seconds))
