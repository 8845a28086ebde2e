"""Where the parts meet, and the only place where they do."""

from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine

from assistant.agent import Agent
from assistant.chat_models import DEFAULT_MODEL, ChatModel, ChatModelOptions, load_chat_model
from assistant.chat_models.adapters import SHIPPED, load_adapter
from assistant.errors import SettingsError
from assistant.grounding import Grounder
from assistant.kept_models import KeptModels
from assistant.prompting import load_prompt, prompt_hash
from assistant.query_words import heed_shoppers
from assistant.recommending import ShopRecommender
from assistant.schema import Conversation, Event, PageContext
from assistant.settings import Settings
from assistant.shop.checkout import CheckoutLinks
from assistant.shop.migrations import upgrade_records
from assistant.shop.policies import Policies
from assistant.shop.records import ShopRecords, open_records
from assistant.shop.rules import WatchedRules
from assistant.shop.shipping import WatchedShipping
from assistant.shop.sizing import WatchedSizes
from assistant.shop.traces import Surface
from assistant.tools import ALL_TOOLS, ToolContext
from assistant.tracing import Journal, Recorder
from retrieval.chroma_server import ChromaServer
from retrieval.database import open_database
from retrieval.encoders import load_encoder
from retrieval.ranking.ranker import LEARNED, load_ranker_named
from retrieval.recommending.learned import MODEL_FILE, Ranking, load_ranking, load_shipped_ranking
from retrieval.rerankers import load_reranker
from retrieval.schema import Encoder, Query
from retrieval.search import Catalogue, open_catalogue
from retrieval.vector_places import STORE_FOLDER, VectorPlace
from retrieval.weights import known_weights, load_weights

RECOMMENDER_FOLDER = "recommender"
"""Where a store keeps the model that was trained on its own events."""


@dataclass(frozen=True)
class App:
    """A shop that is open: what every surface works with."""

    settings: Settings
    agent: Agent
    catalogue: Catalogue
    records: ShopRecords
    policies: Policies
    chat_model: ChatModel
    recorder: Recorder
    recommender: ShopRecommender

    def reply(
        self,
        conversation: Conversation,
        text: str,
        surface: Surface,
        visitor_id: str | None = None,
        trace_id: str | None = None,
        page: PageContext | None = None,
    ) -> Generator[Event, None, None]:
        """Let the agent take a message, and keep a trace of the turn: what every surface calls."""
        journal = Journal(trace_id or uuid4().hex)
        events = self.agent.reply(conversation, text, page, journal)
        return self.recorder.follow(conversation, journal, events, surface, visitor_id)

    def confirm(
        self,
        conversation: Conversation,
        proposal_id: str,
        accepted: bool,
        surface: Surface,
        visitor_id: str | None = None,
        trace_id: str | None = None,
    ) -> Generator[Event, None, None]:
        """Let the agent take the answer to a proposal, and keep a trace of the turn."""
        journal = Journal(trace_id or uuid4().hex)
        events = self.agent.confirm(conversation, proposal_id, accepted, journal)
        return self.recorder.follow(conversation, journal, events, surface, visitor_id, accepted)

    def warm_up(self) -> None:
        """Load what the model, and a search in each of the shop's languages, load when they are first asked."""
        self.agent.warm_up()
        for hit in self.catalogue.search(Query(text="", k=1)):
            for language, texts in hit.product.texts.items():
                self.catalogue.search(Query(text=texts.title, language=language, k=1))

    def start_conversation(self, customer_id: str | None = None) -> Conversation:
        """Begin a talk, in the customer's language where the customer is known."""
        customer = self.records.customers.find(customer_id) if customer_id else None
        language = customer.language if customer else "en"
        return Conversation(id=uuid4().hex, customer_id=customer_id, language=language)


def build_app(settings: Settings, chat_model: ChatModel | None = None, encoder: Encoder | None = None) -> App:
    """Open the store and put the parts together as the settings say.

    `chat_model` and `encoder` take the place of the configured ones, which then aren't loaded.
    Raises SettingsError, ChatModelError, RecordsError and RetrievalError, each saying what mends it.
    """
    encoder = encoder or load_configured_encoder(settings)
    engine = open_database(settings.store)
    catalogue = open_configured_catalogue(settings, encoder, engine)
    records = open_shop_records(settings, catalogue)
    policies = Policies(settings.store / "policies")
    model = chat_model or load_chat_model(settings.chat_model, chat_model_options(settings))
    return assemble(settings, catalogue, records, policies, model)


def open_shop_records(settings: Settings, catalogue: Catalogue | None = None) -> ShopRecords:
    """Open the people and orders of the store, or of the database that the settings name, brought to this version.

    Without a catalogue carts are empty. Raises RecordsError and CatalogueError.
    """
    url = settings.records_url
    engine = open_database(url.get_secret_value() if url else settings.store)
    upgrade_records(engine)
    if settings.webhook_url and settings.webhook_secret is None:
        raise SettingsError("SHELFTALK_WEBHOOK_URL needs SHELFTALK_WEBHOOK_SECRET: webhooks are signed.")
    links = CheckoutLinks(settings.store, engine)
    return open_records(engine, catalogue, links, told=settings.webhook_url is not None)


def assemble(
    settings: Settings, catalogue: Catalogue, records: ShopRecords, policies: Policies, chat_model: ChatModel
) -> App:
    """Put an agent before parts that are open already."""
    recommender = ShopRecommender(
        catalogue,
        records,
        ranking=_ranking(settings),
        explore=settings.explore,
        personal_search=settings.personal_search,
    )
    heed_shoppers(catalogue, records)
    context = ToolContext(
        catalogue,
        records,
        policies,
        rules=WatchedRules(settings.store).current,
        shipping=WatchedShipping(settings.store).current,
        sizes=WatchedSizes(settings.store).current,
        recommender=recommender,
    )
    prompt = load_prompt(examples=not chat_model.tuned)
    agent = Agent(chat_model, ALL_TOOLS, prompt, context, Grounder(), settings.max_steps, settings.max_results)
    recorder = Recorder(
        traces=records.traces,
        interactions=records.interactions,
        prompt=prompt,
        prompt_sha256=prompt_hash(examples=not chat_model.tuned),
        model=chat_model.name,
        tuned=chat_model.tuned,
        adapter=partial(_adapter_hash, settings) if chat_model.tuned else lambda: None,
        index=catalogue.generation,
        keep=timedelta(days=settings.trace_days),
    )
    return App(settings, agent, catalogue, records, policies, chat_model, recorder, recommender)


def _ranking(settings: Settings) -> Ranking | None:
    """Return the model that ranks recommendations, None for the formula. Raises WeightsError for a broken one."""
    if settings.recommender == "formula":
        return None
    own = settings.store / RECOMMENDER_FOLDER / MODEL_FILE
    if settings.recommender == "learned":
        return load_ranking(own) if own.is_file() else load_shipped_ranking()
    return load_ranking(Path(settings.recommender) / MODEL_FILE)


def load_configured_encoder(settings: Settings) -> Encoder:
    """Load the encoder, from its verified weights where it has any. Raises UnknownName and WeightsError."""
    named = settings.encoder in known_weights()
    return load_encoder(settings.encoder, load_weights(settings.encoder, settings.models) if named else None)


def open_configured_catalogue(
    settings: Settings, encoder: Encoder | None = None, engine: Engine | None = None
) -> Catalogue:
    """Open the store's products with the ranker and the reranker that the settings name; `encoder` replaces theirs.

    Raises UnknownName, WeightsError, IndexDamaged and IndexServerError.
    """
    ranker, reranker = load_ranker_named(ranker_name(settings)), load_reranker(settings.reranker)
    place = vector_place(settings)
    return open_catalogue(settings.store, encoder or load_configured_encoder(settings), reranker, engine, ranker, place)


def vector_place(settings: Settings) -> VectorPlace:
    """Return where the settings have the products' vectors: in the store, or on a Chroma server."""
    return ChromaServer(settings.chroma_url) if settings.chroma_url else STORE_FOLDER


def ranker_name(settings: Settings) -> str:
    """Return the ranker that the settings mean: in the place of the one that ships the shop's own that is in use."""
    own = KeptModels(settings.store, "reranker").folder() if settings.ranker == LEARNED else None
    return str(own) if own else settings.ranker


def adapter_folder(settings: Settings) -> Path | None:
    """Return the adapter that the settings mean: the shop's own that is in use, else the shipped one.

    Either goes with the embedded default model alone.
    """
    if settings.adapter == "none":
        return None
    if settings.adapter != "shipped":
        return Path(settings.adapter)
    if settings.chat_model != "embedded" or settings.chat_model_name not in {None, DEFAULT_MODEL}:
        return None
    return KeptModels(settings.store, "chat").folder() or (SHIPPED if SHIPPED.is_dir() else None)


def _adapter_hash(settings: Settings) -> str | None:
    folder = adapter_folder(settings)
    return load_adapter(folder).fingerprint if folder else None


def chat_model_options(settings: Settings) -> ChatModelOptions:
    """Return what the settings say about the chat model."""
    return ChatModelOptions(
        models=settings.models,
        model=settings.chat_model_name,
        adapter=adapter_folder(settings),
        base_url=settings.chat_model_url,
        api_key=settings.chat_model_key.get_secret_value() if settings.chat_model_key else None,
        max_tokens=settings.max_tokens,
        temperature=settings.temperature,
    )
