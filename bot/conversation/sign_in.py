"""Proving who somebody is where the address alone does not: a code by SMS for the web chat, a link for Telegram."""

import hashlib
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from bot.channels.base import InboundMessage
from bot.channels.phone_numbers import as_e164
from bot.conversation.identity import owners
from bot.conversation.inbox import find_or_open
from bot.domain.clock import Clock
from bot.domain.enums import ChannelName, Disclosure, VerificationKind
from bot.i18n.render import Words
from bot.outbox import Say, enqueue
from bot.records import ContactPoint, Conversation, Patient, Question, RelatedPerson, Verification
from bot.records.engine import Database

CODE_LASTS = timedelta(minutes=10)
LINK_LASTS = timedelta(minutes=15)
MOST_ATTEMPTS = 5
MOST_CODES_AN_HOUR = 5


class SignIn:
    """`wake` is called when a code waits in the outbox; `telegram_bot` is the bot's user name, if there is one."""

    def __init__(
        self,
        database: Database,
        words: Words,
        clock: Clock,
        wake: Callable[[], None],
        *,
        default_language: str,
        default_region: str,
        telegram_bot: str | None,
    ) -> None:
        self._database = database
        self._words = words
        self._clock = clock
        self._wake = wake
        self._default_language = default_language
        self._default_region = default_region
        self._telegram_bot = telegram_bot

    def request_code(self, conversation_id: UUID, phone: str) -> None:
        """Text a code to the phone when one person on record has it. Never tells whether that is so."""
        address = as_e164(phone, self._default_region)
        now = self._clock.now()
        with self._database.write() as session:
            contacts = owners(session, ChannelName.SMS, address) if address else []
            usable = [contact for contact in contacts if contact.suspended_at is None]
            if len(usable) != 1 or self._asked_too_often(session, conversation_id, usable[0], now):
                return
            self._send_code(session, conversation_id, usable[0], str(address), now)
        self._wake()

    def confirm(self, conversation_id: UUID, code: str) -> bool:
        """Whether this is the code that was texted; then the chat belongs to that person until they sign out."""
        now = self._clock.now()
        with self._database.write() as session:
            verification = session.scalar(
                select(Verification)
                .where(
                    Verification.kind == VerificationKind.WEBCHAT_CODE,
                    Verification.conversation_id == conversation_id,
                    Verification.used_at.is_(None),
                    Verification.expires_at > now,
                    Verification.attempts < MOST_ATTEMPTS,
                )
                .order_by(Verification.id.desc())
                .limit(1)
                .with_for_update()
            )
            if verification is None:
                return False
            verification.attempts += 1
            if not hmac.compare_digest(_hash_code(verification.id, code.strip()), verification.secret_hash):
                return False
            verification.used_at = now
            conversation = session.get_one(Conversation, conversation_id, with_for_update=True)
            name = _belong(session, conversation, verification)
            says = [Say("signed_in", {"name": name})]
            enqueue(session, self._words, conversation, says, now=now, level=Disclosure.FULL)
        self._wake()
        return True

    def sign_out(self, conversation_id: UUID) -> None:
        with self._database.write() as session:
            conversation = session.get_one(Conversation, conversation_id, with_for_update=True)
            conversation.patient_id = conversation.related_person_id = conversation.about_patient_id = None

    def telegram_link(self, conversation_id: UUID) -> str | None:
        """A single-use link that ties a Telegram chat to the signed-in person; None without bot or person."""
        if self._telegram_bot is None:
            return None
        token = secrets.token_urlsafe(16)
        now = self._clock.now()
        with self._database.write() as session:
            conversation = session.get_one(Conversation, conversation_id)
            if conversation.patient_id is None and conversation.related_person_id is None:
                return None
            session.add(
                Verification(
                    kind=VerificationKind.TELEGRAM_LINK,
                    secret_hash=_hash_token(token),
                    patient_id=conversation.patient_id,
                    related_person_id=conversation.related_person_id,
                    created_at=now,
                    expires_at=now + LINK_LASTS,
                )
            )
        return f"https://t.me/{self._telegram_bot}?start={token}"

    def _asked_too_often(self, session: Session, conversation_id: UUID, contact: ContactPoint, now: datetime) -> bool:
        asked = session.scalar(
            select(func.count())
            .select_from(Verification)
            .where(
                Verification.kind == VerificationKind.WEBCHAT_CODE,
                Verification.patient_id == contact.patient_id
                if contact.patient_id
                else Verification.related_person_id == contact.related_person_id,
                Verification.created_at > now - timedelta(hours=1),
            )
        )
        return (asked or 0) >= MOST_CODES_AN_HOUR

    def _send_code(
        self, session: Session, conversation_id: UUID, contact: ContactPoint, address: str, now: datetime
    ) -> None:
        code = f"{secrets.randbelow(1_000_000):06d}"
        verification = Verification(
            kind=VerificationKind.WEBCHAT_CODE,
            secret_hash=b"",
            conversation_id=conversation_id,
            patient_id=contact.patient_id,
            related_person_id=contact.related_person_id,
            created_at=now,
            expires_at=now + CODE_LASTS,
        )
        verification.secret_hash = _hash_code(verification.id, code)
        session.add(verification)
        phone = InboundMessage(channel=ChannelName.SMS, provider_id="", address=address, text="")
        conversation = find_or_open(session, now, self._default_language, phone)
        enqueue(
            session,
            self._words,
            conversation,
            [Say("sign_in_code", {"code": code})],
            now=now,
            level=Disclosure.GENERIC,
            unique_key=f"code:{verification.id}",
            expires_at=now + CODE_LASTS,
        )


def link_telegram(session: Session, conversation: Conversation, token: str, now: datetime) -> Say:
    """Tie this Telegram chat to the person whose link it is; says so, or that the link does not work."""
    verification = session.scalar(
        select(Verification)
        .where(
            Verification.kind == VerificationKind.TELEGRAM_LINK,
            Verification.secret_hash == _hash_token(token),
            Verification.used_at.is_(None),
            Verification.expires_at > now,
        )
        .with_for_update()
    )
    if verification is None:
        return Say("link_invalid")
    verification.used_at = now
    name = _belong(session, conversation, verification)
    # Whose chat it was before must not be written to here any more.
    session.execute(
        delete(ContactPoint).where(
            ContactPoint.channel == conversation.channel, ContactPoint.address_index == conversation.address_index
        )
    )
    session.add(
        ContactPoint(
            channel=conversation.channel,
            address=conversation.address,
            address_index=conversation.address,
            patient_id=verification.patient_id,
            related_person_id=verification.related_person_id,
            verified_at=now,
        )
    )
    return Say("telegram_linked", {"name": name})


def _belong(session: Session, conversation: Conversation, verification: Verification) -> str:
    """Make the conversation that person's; returns how to address them."""
    # What somebody else was asked here is not theirs to answer.
    owner = conversation.patient_id, conversation.related_person_id
    if owner != (verification.patient_id, verification.related_person_id):
        session.execute(
            update(Question)
            .where(Question.conversation_id == conversation.id, Question.answered_at.is_(None))
            .values(expires_at=verification.used_at)
        )
    conversation.patient_id = verification.patient_id
    conversation.related_person_id = verification.related_person_id
    conversation.about_patient_id = None
    person: Patient | RelatedPerson
    if verification.patient_id is not None:
        person = session.get_one(Patient, verification.patient_id)
    else:
        person = session.get_one(RelatedPerson, verification.related_person_id)
    conversation.language = person.language
    return person.given_name


def _hash_code(verification_id: UUID, code: str) -> bytes:
    return hashlib.sha256(f"{verification_id}:{code}".encode()).digest()


def _hash_token(token: str) -> bytes:
    # 128 random bits need no salt, and the look-up is by this hash.
    return hashlib.sha256(token.encode()).digest()
