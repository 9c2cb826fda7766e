"""What replies hold. Generated from the OpenAPI document by clients/generate.py: not to be edited."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Dict, List, Literal, Optional, TypedDict, Union

CODES = ("approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed")


class AcknowledgedData(TypedDict):
    conversation_id: str
    acknowledged: int


class ActChangeData(TypedDict):
    member: str
    from_cents: Optional[Union[int, Decimal]]
    to_cents: Optional[Union[int, Decimal]]


class ActData(TypedDict):
    act_id: str
    at: str
    actor: str
    operation: str
    target_id: Optional[str]
    part_id: Optional[str]
    reason: Optional[str]
    address: Optional[str]
    request_id: Optional[str]
    changes: List[ActChangeData]


class ActivityData(TypedDict):
    since: str
    step_seconds: int
    points: List[ActivityPoint]
    refused_by_code: List[RefusedByCodeData]


class ActivityPoint(TypedDict):
    at: str
    runs: int
    failed: int
    refused: int
    messages: int
    requests: int
    p50_ms: Optional[float]
    p95_ms: Optional[float]


class ActsData(TypedDict):
    acts: List[ActData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class _AgentData(TypedDict):
    agent_id: str
    owner: Optional[str]
    stopped: bool
    updated_at: str


class AgentData(_AgentData, total=False):
    dropped: Optional[List[str]]
    links: Optional[Dict[str, str]]


class _AgentKeyData(TypedDict):
    key_id: str
    fingerprint: str
    created_at: str
    expires_at: Optional[str]
    revoked_at: Optional[str]
    live: bool


class AgentKeyData(_AgentKeyData, total=False):
    user_id: Optional[str]


class AgentKeysData(TypedDict):
    agent_id: str
    keys: List[AgentKeyData]
    links: Dict[str, str]


class AgentsData(TypedDict):
    agents: List[AgentData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class AllCompletionsData(TypedDict):
    completions: List[CompletionRowData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class AllRunsData(TypedDict):
    runs: List[RunRowData]
    totals: Optional[TotalsData]
    totals_unknown: Optional[str]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class ApprovalData(TypedDict):
    run_id: str
    state: Literal["pending", "approved", "denied", "expired", "ended"]


class ApprovalWaitData(TypedDict):
    expires_at: str


class ApprovalsData(TypedDict):
    approvals: List[WaitingData]
    offset: int
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class AttachmentData(TypedDict):
    hash: str
    media_type: str
    bytes: int
    data: Optional[str]


class AuditData(TypedDict):
    entries: List[AuditEntryData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class _AuditEntryData(TypedDict):
    id: str
    operation: str
    endpoint: str
    request_summary: str
    request: Dict[str, str]
    response_status: int
    created_at: str


class AuditEntryData(_AuditEntryData, total=False):
    ended_at: Optional[str]
    session_id: Optional[str]
    agent_id: Optional[str]


class AuditRowData(TypedDict):
    id: str
    ended_at: str
    session_id: str
    user_id: Optional[str]
    agent_id: Optional[str]
    operation: str
    endpoint: str
    request_summary: Dict[str, str]
    response_status: int
    execution_mode: Literal["human", "agent"]


class AuditRowsData(TypedDict):
    entries: List[AuditRowData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class AuthData(TypedDict):
    session_id: str
    token: str
    agent_id: str
    user_id: str
    scopes: ScopesData
    budget: BudgetData
    created_at: str
    expires_at: str


class BlockData(TypedDict):
    agent_id: str
    since: Optional[str]


class BlocksData(TypedDict):
    blocks: List[BlockData]


class BudgetData(TypedDict):
    limit_cents: Union[int, Decimal]
    spent_cents: Union[int, Decimal]
    reserved_cents: Union[int, Decimal]
    remaining_cents: Union[int, Decimal]


class BudgetWarningData(TypedDict):
    limit: Literal["session", "grant_total", "daily_cap", "monthly_cap", "service_daily_cap", "service_monthly_cap", "category_daily_cap", "category_monthly_cap"]
    id: str
    limit_cents: Union[int, Decimal]
    remaining_cents: Union[int, Decimal]


class BusinessData(TypedDict):
    targets: List[TargetData]
    days: List[BusinessDayData]
    agents: Optional[int]
    developers: Optional[int]


class BusinessDayData(TypedDict):
    day: str
    payments: int
    amount_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]
    active_agents: int
    returning_agents: int
    returning_percent: Optional[int]
    active_providers: int
    completions: Optional[int]
    messages: Optional[int]
    delivered_messages: Optional[int]
    dead_letters: Optional[int]
    delivered_percent: Optional[int]


class _CampaignData(TypedDict):
    campaign_id: str
    sponsor: str
    owner: Optional[str]
    task: TaskTermsData
    services: List[SponsoredServiceData]
    targeting: Dict[str, List[str]]
    runs_per_completion: int
    max_cents_per_user: Optional[float]
    daily_cap_cents: Optional[Union[int, Decimal]]
    max_completions: Optional[int]
    starts_at: Optional[str]
    ends_at: Optional[str]
    reward_cents: Union[int, Decimal]
    payout_delay_seconds: int
    allow_related: bool
    active: bool
    closed: bool
    completions: int
    escrow: EscrowData
    rewards: RewardTotalsData
    updated_at: str


class CampaignData(_CampaignData, total=False):
    dropped: Optional[List[str]]
    warnings: Optional[List[CampaignWarningData]]
    links: Optional[Dict[str, str]]


class CampaignDayData(TypedDict):
    day: str
    funded_cents: Optional[Union[int, Decimal]]
    payments: int
    amount_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]


class CampaignProgressData(TypedDict):
    campaign_id: str
    steps: List[StepCountData]
    escrow: EscrowData
    days: List[CampaignDayData]


class CampaignWarningData(TypedDict):
    code: Literal["unknown_service"]
    service_id: str


class CampaignsData(TypedDict):
    campaigns: List[CampaignData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class CancelledRunData(TypedDict):
    session_id: str
    run_id: str
    state: Literal["cancelled"]


class CapsData(TypedDict):
    user_id: str
    daily_cap_cents: Optional[Union[int, Decimal]]
    monthly_cap_cents: Optional[Union[int, Decimal]]


class CardEndpointData(TypedDict):
    protocol: str
    url: str


class CardKeyData(TypedDict):
    kty: str
    crv: str
    x: str
    kid: Optional[str]


class ChatData(TypedDict):
    chat_id: str
    created_at: str
    turns: List[ChatTurnData]
    total_count: int
    offset: int
    limit: int


class ChatDeletedData(TypedDict):
    chat_id: str


class ChatFailureData(TypedDict):
    code: Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]
    message: str


class ChatFeedbackData(TypedDict):
    thumb: Literal["up", "down", "none"]
    text: Optional[str]
    correction: Optional[str]
    at: str


class ChatListedData(TypedDict):
    chat_id: str
    title: Optional[str]
    turns: int
    created_at: str
    updated_at: str


class ChatModelData(TypedDict):
    model: str
    name: str
    description: str
    chooses: bool


class ChatModelsData(TypedDict):
    models: List[ChatModelData]
    total_count: int
    offset: int
    limit: int


class ChatReplyData(TypedDict):
    run_id: Optional[str]
    model: str
    route: Optional[str]
    state: Literal["under_way", "whole", "stopped", "failed", "imported"]
    text: Optional[str]
    reasoning: Optional[str]
    finish: Optional[Literal["stop", "length", "tool_calls", "content_filter", "refusal"]]
    failure: Optional[ChatFailureData]
    cost_cents: Optional[Union[int, Decimal]]
    is_estimate: bool
    input_tokens: Optional[int]
    output_tokens: Optional[int]
    context_from: int
    summary: Optional[ChatSummaryData]
    memories: List[str]
    preferences: Optional[int]


class ChatSentimentData(TypedDict):
    service_id: str
    label: Optional[Literal["positive", "neutral", "negative"]]
    score: Optional[float]
    run_id: Optional[str]
    cost_cents: Optional[Union[int, Decimal]]
    failure: Optional[ChatFailureData]


class ChatSummaryData(TypedDict):
    up_to: int
    run_id: str
    cost_cents: Optional[Union[int, Decimal]]


class ChatTurnData(TypedDict):
    chat_id: str
    turn: int
    after: int
    repeats: Optional[int]
    siblings: List[int]
    said_at: str
    text: Optional[str]
    instructions: Optional[str]
    attachments: List[str]
    model: str
    reply: ChatReplyData
    feedback: Optional[ChatFeedbackData]
    sentiment: Optional[ChatSentimentData]


class ChatsData(TypedDict):
    chats: List[ChatListedData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class CheckData(TypedDict):
    name: str
    state: Literal["well", "unwell", "off"]
    says: str
    mend: Optional[str]


class CheckpointData(TypedDict):
    number: int
    size: int
    at: str
    checkpoint: str


class CheckpointsData(TypedDict):
    checkpoints: List[CheckpointData]
    total_count: int
    offset: int
    limit: int


class ClaimData(TypedDict):
    claim_id: str
    campaign_id: str
    reward_cents: Union[int, Decimal]
    expires_at: str


class ClockData(TypedDict):
    mode: Literal["test"]
    tenant: str
    generation: int
    now: str
    offset_seconds: int
    alarms_rung: Optional[int]
    alarms_left: Optional[int]


class CompletedData(TypedDict):
    completion_id: str
    campaign_id: str
    execution_mode: Literal["human", "agent"]
    granted_via: str
    consents: List[GivenConsentData]
    unlocked_services: List[str]
    reward: Optional[EarnedData]


class CompletedTaskData(TypedDict):
    campaign_id: str
    completion_id: str
    completed_at: str
    runs_left: int


class CompletionConsentData(TypedDict):
    consent_id: str
    type: str
    granted_at: str
    withdrawn_at: Optional[str]


class CompletionData(TypedDict):
    completion_id: str
    user_id: str
    session_id: str
    agent_id: str
    execution_mode: Literal["human", "agent"]
    completed_at: str
    output: Any
    consents: List[CompletionConsentData]


class CompletionRowData(TypedDict):
    completion_id: str
    campaign_id: str
    user_id: str
    session_id: str
    agent_id: str
    execution_mode: Literal["human", "agent"]
    state: Literal["consented", "withdrawn"]
    completed_at: str


class CompletionsData(TypedDict):
    completions: List[CompletionData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class ConsentData(TypedDict):
    consent_id: str
    campaign_id: str
    type: str
    granted_via: str
    granted_at: str
    withdrawn_at: Optional[str]


class ConsentMeaningData(TypedDict):
    type: str
    meaning: str


class ConsentOfData(TypedDict):
    consent_id: str
    type: str
    campaign_id: str
    session_id: str
    granted_via: str
    granted_at: str
    withdrawn_at: Optional[str]


class ConsentsData(TypedDict):
    consents: List[ConsentData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class ConsentsOfData(TypedDict):
    consents: List[ConsentOfData]


class ConversationData(TypedDict):
    conversation_id: str
    owner: str
    topic: Optional[str]
    open: bool
    state: Literal["open", "closed", "erased"]
    standing: Optional[Literal["invited", "joined", "subscribed", "left"]]
    members: List[MemberData]
    subscribers: int
    last: int
    dead_letters: int
    limits: ConversationLimitsData
    created_at: str
    closed_at: Optional[str]


class ConversationLimitsData(TypedDict):
    messages_per_minute: int
    unacknowledged: int
    message_bytes: int
    ttl_seconds: int
    retention_seconds: int


class DayData(TypedDict):
    day: str
    payments: int
    amount_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]


class DaysData(TypedDict):
    days: List[DayData]


class DeadLetterData(TypedDict):
    number: int
    message_id: str
    agent_id: str
    to: List[str]
    reason: Literal["expired", "closed"]
    at: str


class DeadLettersData(TypedDict):
    conversation_id: str
    dead_letters: List[DeadLetterData]


class DelegatedData(TypedDict):
    session_id: str
    token: str
    agent_id: str
    user_id: str
    scopes: ScopesData
    budget: BudgetData
    created_at: str
    expires_at: str
    parent_session_id: str


class DeletedInboxWebhookData(TypedDict):
    agent_id: str


class DeletedUpstreamData(TypedDict):
    upstream_id: str


class DeletedWebhookData(TypedDict):
    webhook_id: str


class DeliveriesData(TypedDict):
    deliveries: List[DeliveryData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class DeliveryData(TypedDict):
    event_id: str
    type: str
    subject: str
    sequence: int
    happened_at: str
    sent_at: str
    attempt: int
    state: Literal["taken", "failed", "given_up"]
    response_status: Optional[int]
    took_ms: int
    error: Optional[Literal["status", "redirect", "timeout", "connection", "tls", "refused", "malformed", "gone"]]
    answer: Optional[str]


class Detail(TypedDict):
    path: str
    keyword: str
    message: str


class EarnedData(TypedDict):
    amount_cents: Union[int, Decimal]
    state: Literal["pending", "none"]
    pays_at: Optional[str]
    why_not: Optional[str]


class EndedData(TypedDict):
    session_id: str
    revoked_at: str


class EndedGrantData(TypedDict):
    user_id: str
    agent_id: str
    ended_at: str


class EndedGrantRaiseData(TypedDict):
    user_id: str
    agent_id: str


class EndedLinksData(TypedDict):
    user_id: str
    ended_at: str


class EndedRaiseData(TypedDict):
    user_id: str


class EndedSessionData(TypedDict):
    session_id: str
    agent_id: str
    user_id: str
    ended_at: str


class EnteredData(TypedDict):
    conversation_id: str
    number: int


class EntriesData(TypedDict):
    entries: List[InboxEntryData]
    next_cursor: str


class EntryData(TypedDict):
    entry: int
    at: str
    kind: Literal["deposit", "withdrawal", "transfer", "payment", "credit", "reward", "x402"]
    counterparty: str
    amount_cents: Union[int, Decimal]
    balance_cents: Union[int, Decimal]
    memo: Optional[str]
    reference: Optional[str]


class ErasedConversationData(TypedDict):
    conversation_id: str


class ErasedData(TypedDict):
    user_id: str
    erased_at: str


class _Error(TypedDict):
    status: Literal["error"]
    request_id: str
    error: Any


class Error(_Error, total=False):
    untrusted_fields: List[str]
    x402Version: Any
    accepts: List[Any]


class EscrowData(TypedDict):
    funded_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    spent_cents: Union[int, Decimal]
    remaining_cents: Union[int, Decimal]


class EstimateData(TypedDict):
    run_id: str
    session_id: str
    user_id: str
    agent_id: str
    service_id: str
    posted_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]
    failure_code: Optional[Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]]
    ended_at: str


EstimatesData = TypedDict("EstimatesData", {"from": "str", "to": "str", "estimates": "List[EstimateData]", "counted_from": "Optional[str]"}, total=True)


class EventData(TypedDict):
    id: str
    type: str
    timestamp: str
    data: Any


class EventsData(TypedDict):
    events: List[EventData]
    next_cursor: str


class ExaminedData(TypedDict):
    users: int
    sessions: int
    runs: int


class _FailureData(TypedDict):
    code: Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]
    retry: Literal["never", "same_key", "new_key"]


class FailureData(_FailureData, total=False):
    said: Optional[str]


class FeedbackRowData(TypedDict):
    chat_id: str
    turn: int
    user_id: str
    agent_id: str
    model: str
    rated_at: str
    thumb: str
    text: Optional[str]
    correction: Optional[str]
    instructions: Optional[str]
    said: str
    replied: Optional[str]


class FeedbacksData(TypedDict):
    feedback: List[FeedbackRowData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class FlowData(TypedDict):
    step: Literal["find_service", "do_task", "run_service", "done"]
    session: FlowSessionData
    budget: BudgetData
    model_use: ModelUseData
    completed_tasks: List[CompletedTaskData]
    runnable_services: List[RunnableServiceData]
    runs: List[RunSummaryData]
    projected_at: Optional[str]
    not_projected: Optional[Literal["no_cap", "nothing_spent", "reached", "not_in_this_period", "no_period"]]


class FlowSessionData(TypedDict):
    session_id: str
    agent_id: str
    user_id: str
    scopes: ScopesData
    created_at: str
    expires_at: str


class ForgottenMemoryData(TypedDict):
    memory_id: str


class FoundAgentData(TypedDict):
    agent_id: str
    name: str
    description: str
    skills: List[SkillData]
    status: Literal["online", "away", "gone"]
    version: int
    relevance_score: float


class FoundMemoriesData(TypedDict):
    memories: List[FoundMemoryData]
    not_compared: int
    run_id: Optional[str]
    cost_cents: Optional[Union[int, Decimal]]


class FoundMemoryData(TypedDict):
    memory: MemoryData
    score: Optional[float]


class GivenConsentData(TypedDict):
    consent_id: str
    type: str


_GrantData = TypedDict("_GrantData", {"user_id": "str", "agent_id": "str", "scopes": "ScopesData", "total_limit_cents": "Optional[Union[int, Decimal]]", "max_live_sessions": "int", "expires_at": "Optional[str]", "require_approval_above_cents": "Optional[Union[int, Decimal]]", "raise": "Optional[GrantRaiseData]"}, total=True)


class GrantData(_GrantData, total=False):
    dropped: Optional[List[str]]
    spent: Optional[SpentData]
    links: Optional[Dict[str, str]]


class GrantRaiseData(TypedDict):
    user_id: str
    agent_id: str
    total_limit_cents: Union[int, Decimal]
    until: str


class HealthReportData(TypedDict):
    checks: List[CheckData]


class HitData(TypedDict):
    kind: Literal["payment", "run", "approval", "session", "completion", "consent", "refund", "call", "act", "user", "agent", "service", "campaign", "wallet", "provider"]
    id: str
    href: str
    matched: Literal["id", "id_prefix", "idempotency_key", "tx_hash", "amount", "name", "owner", "sponsor"]
    summary: str


class HoldData(TypedDict):
    run_id: str
    session_id: str
    amount_cents: Union[int, Decimal]
    opened_at: str
    age_seconds: int
    asked_at: str
    held_by: List[HolderData]


class HolderData(TypedDict):
    kind: Literal["user", "session", "campaign", "wallet"]
    id: str


class HoldsData(TypedDict):
    holds: List[HoldData]


class ImportData(TypedDict):
    chat_id: str
    known: List[int]
    added: int
    differs: bool
    newest_imported: int
    turns: int


class _InboxEntryData(TypedDict):
    conversation_id: str
    number: int
    kind: Literal["message", "opened", "invited", "joined", "left", "closed", "unanswered", "dead_letter"]
    at: str
    agent_id: Optional[str]
    message_id: Optional[str]
    content_type: Optional[str]
    content: Any
    reply_to: Optional[str]
    reply_by: Optional[str]
    letter: Optional[int]


class InboxEntryData(_InboxEntryData, total=False):
    more: Optional[bool]
    path: Optional[List[str]]
    run_id: Optional[str]


class InboxWebhookData(TypedDict):
    url: str
    state: Literal["delivering", "disabled"]
    disabled_at: Optional[str]
    disabled_reason: Optional[str]
    secret: Optional[str]
    public_key: str
    next_cursor: str
    attempts: int
    waiting_since: Optional[str]
    next_try_at: Optional[str]
    response_status: Optional[int]
    error: Optional[Literal["status", "redirect", "timeout", "connection", "tls", "refused", "malformed", "gone"]]
    took_at: Optional[str]
    updated_at: str


class InterventionData(TypedDict):
    watch_id: str
    intervention_id: str
    kind: Literal["pause", "resume", "say", "take_seat", "leave_seat", "stop", "raise_budget"]
    number: int
    turn: int
    seat: Optional[int]


class IssuedCodeData(TypedDict):
    person_id: str
    sign_in_name: str
    one_time_code: Optional[str]
    choose_at: str
    until: str


class IssuedSecretData(TypedDict):
    secret_id: str
    secret: Optional[str]
    public_key: str
    issued_at: str


class JournalData(TypedDict):
    kind: Literal["user", "session", "campaign", "service", "wallet", "agent", "payment", "webhook", "clock", "upstream", "conversation", "person", "response", "cached", "chat", "attachment", "memory", "watch", "scenario", "move", "sign_in"]
    entity_id: str
    last_sequence: int
    events: List[JournalEventData]
    has_more: bool
    next_cursor: Optional[str]


class JournalEventData(TypedDict):
    sequence: int
    at: str
    event: str
    version: int
    command_id: str
    actor: Optional[str]
    operation: Optional[str]
    personal: bool
    payload: Any


class _KeyData(TypedDict):
    key_id: str
    key: Optional[str]
    test: bool
    expires_at: Optional[str]


class KeyData(_KeyData, total=False):
    user_id: Optional[str]


class LeaseData(TypedDict):
    agent_id: str
    status: Literal["online"]
    online_until: str
    lease_seconds: int


class LimitData(TypedDict):
    kind: Literal["user", "session", "campaign", "wallet", "grant"]
    id: str
    limit: str
    part: Optional[str]
    limit_cents: Optional[Union[int, Decimal]]
    spent_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    free_cents: Optional[Union[int, Decimal]]
    raised_until: Optional[str]
    projected_at: Optional[str]


class LimitNodeData(TypedDict):
    depth: int
    limit: LimitData
    ends_at: Optional[str]


class LimitTreeData(TypedDict):
    user_id: str
    nodes: List[LimitNodeData]
    has_more: bool
    links: Dict[str, str]


class _MemberData(TypedDict):
    agent_id: str
    standing: Literal["invited", "joined", "subscribed", "left"]
    acknowledged: int


class MemberData(_MemberData, total=False):
    chosen_for: Optional[str]


class MembershipData(TypedDict):
    conversation_id: str
    standing: Literal["invited", "joined", "subscribed", "left"]
    updated_at: str


class MembershipsData(TypedDict):
    conversations: List[MembershipData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class MemoriesData(TypedDict):
    memories: List[MemoryData]
    total_count: int
    offset: int
    limit: int


class MemoryData(TypedDict):
    memory_id: str
    text: str
    pinned: bool
    model: Optional[str]
    chat_id: Optional[str]
    turn: Optional[int]
    created_at: str
    updated_at: str


class ModelLimitsData(TypedDict):
    tokens: Optional[int]
    calls: Optional[int]
    tokens_per_minute: Optional[int]
    calls_per_minute: Optional[int]


class ModelOfferData(TypedDict):
    name: str
    kind: Literal["chat", "embeddings", "speech"]
    max_output_tokens: Optional[int]
    default_output_tokens: Optional[int]
    image_tokens: int
    charges: bool
    moderated: bool
    prices: List[PriceVersionData]
    fallback: Optional[List[str]]
    cache_seconds: int
    cache_hit_basis_points: int


class ModelProvidersData(TypedDict):
    providers: List[ProviderHealthData]
    counted_from: Optional[str]


class ModelSpentData(TypedDict):
    service_id: Optional[str]
    calls: int
    cost_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    estimates: int
    failures: int
    cache_read_tokens: int


ModelUsageData = TypedDict("ModelUsageData", {"by": "Literal[\"model\", \"agent\", \"user\", \"session\", \"day\"]", "from": "str", "to": "str", "groups": "List[UsageGroupData]", "total": "UsageGroupData", "counted_from": "Optional[str]"}, total=True)


class ModelUseData(TypedDict):
    tokens: int
    held_tokens: int
    calls: int
    calls_under_way: int


class _NextAction(TypedDict):
    action: str
    method: str
    endpoint: str
    description: str


class NextAction(_NextAction, total=False):
    params: Dict[str, str]
    body: Any
    schema_ref: Any
    body_schema: Any
    idempotency_key: str
    not_before: str


class NodeLimitsData(TypedDict):
    limits: List[LimitData]
    holds: List[HoldData]
    links: Dict[str, str]


class PaidByData(TypedDict):
    kind: Literal["campaign", "wallet", "none"]
    id: Optional[str]


class PartCapData(TypedDict):
    daily_cap_cents: Optional[Union[int, Decimal]]
    monthly_cap_cents: Optional[Union[int, Decimal]]


class PartSpentData(TypedDict):
    today: Optional[SpentData]
    this_month: Optional[SpentData]


class PaymentData(TypedDict):
    payment_id: str
    amount_cents: Union[int, Decimal]
    fee_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]
    payer: str
    source: Literal["sponsor", "wallet", "x402", "operator", "free"]
    status: Literal["posted", "partly_refunded", "refunded"]
    paid_by: PaidByData
    why: str
    related_party: bool


class PaymentRowData(TypedDict):
    payment_id: str
    run_id: str
    session_id: str
    user_id: str
    agent_id: str
    service_id: str
    provider: str
    amount_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]
    payer: str
    source: Literal["sponsor", "wallet", "x402", "operator", "free"]
    status: Literal["posted", "partly_refunded", "refunded"]
    paid_by: PaidByData
    settled_at: Optional[str]
    related_party: bool
    fee_cents: Union[int, Decimal]


class PaymentsData(TypedDict):
    payments: List[PaymentRowData]
    offset: int
    totals: Optional[TotalsData]
    totals_unknown: Optional[str]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class PeopleData(TypedDict):
    people: List[PersonData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class PersonData(TypedDict):
    person_id: str
    sign_in_name: str
    role: Literal["viewer", "operator", "admin", "sponsor", "principal", "user"]
    owner: Optional[str]
    disabled: bool
    has_password: bool
    has_second_factor: bool
    code_until: Optional[str]
    updated_at: str


class PlayBillData(TypedDict):
    run_id: str
    cost_cents: Optional[Union[int, Decimal]]


class PlayCriterionData(TypedDict):
    id: str
    title: Optional[str]
    score: int
    levels: int
    weight: int
    percent: int
    reason: Optional[str]
    turns: List[int]


class PlayData(TypedDict):
    play_id: str
    chat_id: str
    scenario: Optional[PlayableData]
    dry_run: bool
    state: Literal["open", "ended", "scored"]
    turns: int
    turns_left: int
    hints: List[PlayHintData]
    hints_left: int
    score: Optional[PlayScoreData]
    judged: List[PlayBillData]
    created_at: str


class PlayHintData(TypedDict):
    hint_id: str
    after: int
    text: Optional[str]
    run_id: Optional[str]
    cost_cents: Optional[Union[int, Decimal]]
    at: str


class PlayLineData(TypedDict):
    criterion_id: str
    title: Optional[str]
    plays: int
    points: List[PlayPointData]
    first_percent: int
    last_percent: int


class PlayListedData(TypedDict):
    play_id: str
    scenario_id: Optional[str]
    version: Optional[int]
    title: Optional[str]
    dry_run: bool
    state: Literal["open", "ended", "scored"]
    turns: int
    percent: Optional[int]
    created_at: str
    updated_at: str


class PlayPointData(TypedDict):
    at: str
    play_id: str
    scenario_id: str
    version: int
    percent: int


class PlayProgressData(TypedDict):
    lines: List[PlayLineData]
    strengths: List[str]
    weaknesses: List[str]


class PlayScoreData(TypedDict):
    percent: int
    criteria: List[PlayCriterionData]
    strengths: List[str]
    weaknesses: List[str]
    at: str


class PlayableData(TypedDict):
    scenario_id: Optional[str]
    version: Optional[int]
    title: str
    language: str
    situation: str
    learner: ScenarioLearnerData
    partner: PlayablePartnerData
    goals: List[str]
    rubric: ScenarioRubricData
    hints: ScenarioHintsData
    ends: ScenarioEndsData


class PlayableListedData(TypedDict):
    scenario_id: str
    version: int
    title: str
    language: str
    updated_at: str


class PlayablePartnerData(TypedDict):
    name: str
    opening: Optional[str]


class PlayablesData(TypedDict):
    scenarios: List[PlayableListedData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class PlaysData(TypedDict):
    plays: List[PlayListedData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


PolicyReplayData = TypedDict("PolicyReplayData", {"from": "str", "to": "str", "examined": "ExaminedData", "refused": "List[RefusedRunData]", "refused_count": "int", "refused_amount_cents": "Union[int, Decimal]", "not_known": "int", "truncated": "bool", "next_user_id": "Optional[str]", "left_out_user_ids": "List[str]", "offset": "int", "limit": "int"}, total=True)


class PreferencesData(TypedDict):
    version: Optional[int]
    language: Optional[Literal["en", "ja"]]
    tone: Optional[Literal["friendly", "neutral", "professional"]]
    length: Optional[Literal["short", "medium", "long"]]
    address: Optional[Literal["casual", "polite", "honorific"]]
    format: Optional[Literal["plain", "markdown"]]
    about: Optional[str]
    updated_at: Optional[str]


PriceVersionData = TypedDict("PriceVersionData", {"version": "int", "from": "str", "request_cents": "Union[int, Decimal]", "rates": "List[RateData]"}, total=True)


class ProofData(TypedDict):
    payment_id: str
    receipt: str
    row: ProvedRowData
    leaf_index: int
    tree_size: int
    path: List[str]
    checkpoint: str


class ProvedRowData(TypedDict):
    stream: str
    seq: int
    hash: str


class ProviderHealthData(TypedDict):
    provider: str
    calls: int
    failures: int
    failure_percent: Optional[float]
    first_ms_p50: Optional[int]
    first_ms_p95: Optional[int]
    took_ms_p50: Optional[int]
    took_ms_p95: Optional[int]


class RateData(TypedDict):
    input_cents: Union[int, Decimal]
    output_cents: Union[int, Decimal]
    above_input_tokens: int
    tier: Optional[str]
    cache_read_cents: Optional[Union[int, Decimal]]
    cache_write_cents: Optional[Union[int, Decimal]]
    cache_write_hour_cents: Optional[Union[int, Decimal]]
    reasoning_cents: Optional[Union[int, Decimal]]
    input_audio_cents: Optional[Union[int, Decimal]]
    output_audio_cents: Optional[Union[int, Decimal]]


class ReceiptData(TypedDict):
    payment_id: str
    run_id: str
    receipt: str
    amount_cents: Union[int, Decimal]
    amount_micros: int


class RefundData(TypedDict):
    refund_id: str
    payment_id: str
    amount_cents: Union[int, Decimal]
    fee_cents: Union[int, Decimal]
    reason: Optional[str]
    actor: str
    state: Literal["posted", "payout_pending"]
    created_at: str


class RefundDoneData(TypedDict):
    refund: RefundData
    status: Literal["posted", "partly_refunded", "refunded"]
    refunded_cents: Union[int, Decimal]
    left_cents: Union[int, Decimal]


class RefundedPaymentData(TypedDict):
    payment: PaymentRowData
    fee_cents: Union[int, Decimal]
    refunds: List[RefundData]
    refunds_count: Optional[int]
    links: Dict[str, str]


class RefusalData(TypedDict):
    refusal: RefusalRowData
    limit_now: Optional[LimitData]
    passes_now: Optional[bool]
    holds: List[HoldData]
    links: Dict[str, str]


class RefusalRowData(TypedDict):
    refusal_id: str
    refused_at: str
    run_id: Optional[str]
    session_id: str
    user_id: str
    agent_id: str
    operation: str
    service_id: Optional[str]
    provider: Optional[str]
    campaign_id: Optional[str]
    code: Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]
    limit: Optional[str]
    node: Optional[RefusingNodeData]
    asked_cents: Optional[Union[int, Decimal]]
    free_cents: Optional[Union[int, Decimal]]


class RefusalsData(TypedDict):
    refusals: List[RefusalRowData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class RefusedByCodeData(TypedDict):
    code: Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]
    count: int


class RefusedByData(TypedDict):
    kind: Literal["daily_cap", "monthly_cap", "grant_total", "session", "scope", "sponsors", "user"]
    id: str


class RefusedRunData(TypedDict):
    run_id: str
    session_id: str
    user_id: str
    agent_id: str
    service_id: Optional[str]
    requested_at: str
    amount_cents: Union[int, Decimal]
    outcome: Literal["pending", "succeeded", "failed", "refused"]
    refused_by: RefusedByData
    code: Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]
    message: str


class RefusingNodeData(TypedDict):
    kind: Literal["session", "user", "grant", "campaign", "wallet"]
    id: str


class RegisteredAgentsData(TypedDict):
    agents: List[FoundAgentData]
    total_count: int
    offset: int
    limit: int


class RegistrationData(TypedDict):
    agent_id: str
    name: str
    description: str
    version: int
    skills: List[SkillData]
    endpoints: List[CardEndpointData]
    signing_key: CardKeyData
    encryption_key: CardKeyData
    key_thumbprint: str
    status: Literal["online", "away", "gone", "revoked"]
    online_until: Optional[str]
    card: str
    rotations: List[str]
    revocation: Optional[str]
    created_at: str
    registered_at: str
    updated_at: str


class ReportData(TypedDict):
    report_id: str
    reported_by: str
    agent_id: str
    reason: Literal["spam", "abuse", "fraud", "impersonation", "other"]
    conversation_id: Optional[str]
    number: Optional[int]
    outcome: Literal["open", "acted", "dismissed"]
    created_at: str
    resolved_at: Optional[str]


class ReportedData(TypedDict):
    report: ReportData
    message: Optional[InboxEntryData]


class ReportsData(TypedDict):
    reports: List[ReportData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


RerateData = TypedDict("RerateData", {"from": "str", "to": "str", "models": "List[RerateModelData]", "total": "RerateModelData", "counted_from": "Optional[str]"}, total=True)


class RerateModelData(TypedDict):
    service_id: Optional[str]
    prices_of: Optional[str]
    version: Optional[int]
    calls: int
    rated: int
    actual_cents: Union[int, Decimal]
    over_cents: Union[int, Decimal]
    rerated_cents: Union[int, Decimal]
    unrated: int
    unrated_cents: Union[int, Decimal]


class ResolvedReportData(TypedDict):
    report_id: str
    outcome: Literal["acted", "dismissed"]
    resolved_at: str


class RevokedCardData(TypedDict):
    agent_id: str
    revoked_at: str


class RevokedKeyData(TypedDict):
    key_id: str
    revoked_at: str


class RewardData(TypedDict):
    completion_id: str
    campaign_id: str
    user_id: str
    agent_id: str
    amount_cents: Union[int, Decimal]
    state: Literal["pending", "disputed", "paid", "returned", "void"]
    pays_at: Optional[str]
    reason: Optional[str]


class RewardTotalsData(TypedDict):
    paid_cents: Union[int, Decimal]
    pending_cents: Union[int, Decimal]
    disputed_cents: Union[int, Decimal]


class RewardsData(TypedDict):
    rewards: List[RewardData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class RouteRuleData(TypedDict):
    to: str
    input_tokens_below: Optional[int]
    has_tools: Optional[bool]
    has_images: Optional[bool]
    wish: Optional[str]
    free_below_cents: Optional[Union[int, Decimal]]
    share_basis_points: Optional[int]
    first_ms_below: Optional[int]
    shadow: Optional[RouteShadowData]
    sentiment: Optional[Literal["positive", "neutral", "negative"]]


class RouteShadowData(TypedDict):
    to: str
    share_basis_points: int


class _RunData(TypedDict):
    run_id: str
    service_id: str
    state: Literal["pending", "awaiting_approval", "succeeded", "failed", "cancelled"]
    output: Any
    payment: Optional[PaymentData]
    budget: BudgetData
    failure: Optional[FailureData]
    approval: Optional[ApprovalWaitData]


class RunData(_RunData, total=False):
    budget_warnings: Optional[List[BudgetWarningData]]
    served_by: Optional[str]
    cached_from: Optional[str]
    model: Optional[RunModelData]


class RunLinkedData(TypedDict):
    run: RunRowData
    model: Optional[RunModelData]
    links: Dict[str, str]


class RunModelData(TypedDict):
    route: Optional[str]
    prices_version: int
    held_cents: Union[int, Decimal]
    is_estimate: bool
    cached_from: Optional[str]
    provider_id: Optional[str]
    input_tokens: Optional[int]
    cache_read_tokens: Optional[int]
    cache_write_tokens: Optional[int]
    output_tokens: Optional[int]
    reasoning_tokens: Optional[int]
    first_ms: Optional[int]
    took_ms: Optional[int]


class RunRowData(TypedDict):
    run_id: str
    session_id: str
    user_id: str
    agent_id: str
    service_id: Optional[str]
    provider: str
    state: Literal["succeeded", "failed", "cancelled"]
    failure_code: Optional[Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]]
    paid_cents: Union[int, Decimal]
    payment_id: Optional[str]
    campaign_id: Optional[str]
    source: Optional[Literal["sponsor", "wallet", "x402", "operator", "free"]]
    requested_at: str
    ended_at: str


class RunSummaryData(TypedDict):
    run_id: str
    service_id: str
    state: Literal["pending", "awaiting_approval", "succeeded", "failed", "cancelled"]
    amount_cents: Union[int, Decimal]
    campaign_id: Optional[str]
    failure_code: Optional[Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]]
    requested_at: str
    settled_at: Optional[str]


class RunnableServiceData(TypedDict):
    service_id: str
    price_cents: Union[int, Decimal]
    campaign_id: Optional[str]
    runs_left: Optional[int]


class RunsData(TypedDict):
    runs: List[RunSummaryData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class SaidData(TypedDict):
    conversation_id: str
    number: int
    message_id: str


class ScenarioCriterionData(TypedDict):
    id: str
    title: str
    description: str
    weight: int
    levels: int


class _ScenarioData(TypedDict):
    scenario_id: str
    version: int
    retired: bool
    title: str
    language: str
    situation: str
    learner: ScenarioLearnerData
    partner: ScenarioPartnerData
    goals: List[str]
    rubric: ScenarioRubricData
    hints: ScenarioHintsData
    ends: ScenarioEndsData
    models: ScenarioModelsData
    updated_at: str


class ScenarioData(_ScenarioData, total=False):
    versions: Optional[List[ScenarioVersionData]]
    dropped: Optional[List[str]]


class ScenarioEndsData(TypedDict):
    turns: int
    phrase: Optional[str]


class ScenarioHintsData(TypedDict):
    allowed: bool
    most: int


class ScenarioLearnerData(TypedDict):
    role: str


class ScenarioListedData(TypedDict):
    scenario_id: str
    version: int
    retired: bool
    title: str
    language: str
    updated_at: str


class ScenarioModelsData(TypedDict):
    partner: str
    coach: Optional[str]
    judge: Optional[str]


class ScenarioPartnerData(TypedDict):
    name: str
    persona: str
    opening: Optional[str]


class ScenarioRubricData(TypedDict):
    criteria: List[ScenarioCriterionData]


class ScenarioSampleData(TypedDict):
    sample_id: str
    scenario: Any


class ScenarioSamplesData(TypedDict):
    samples: List[ScenarioSampleData]


class ScenarioVersionData(TypedDict):
    version: int
    title: str
    at: str


class ScenariosData(TypedDict):
    scenarios: List[ScenarioListedData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class SchemaData(TypedDict):
    schema: Any
    sha256: str


class ScopesData(TypedDict):
    allowed_task_types: List[str]
    allowed_data_types: List[str]
    allowed_categories: List[str]
    allowed_consents: List[str]
    allowed_payees: List[str]
    allowed_peers: List[str]
    model_limits: Optional[ModelLimitsData]
    ask_when_spent: bool
    budget_limit_cents: Union[int, Decimal]


class SearchData(TypedDict):
    results: List[HitData]
    limit: int
    empty_because: Optional[str]


class ServiceAuthData(TypedDict):
    header: str


class ServiceData(TypedDict):
    service_id: str
    name: str
    description: str
    category: str
    provider: str
    price_cents: Union[int, Decimal]
    metered: bool
    relevance_score: float
    input_schema: Any
    sponsors: List[SponsorData]


class _ServiceDefinitionData(TypedDict):
    service_id: str
    name: str
    description: str
    category: str
    price_cents: Union[int, Decimal]
    max_price_cents: Optional[Union[int, Decimal]]
    metered: bool
    endpoint: str
    provider: str
    owner: Optional[str]
    input_schema: Any
    output_schema: Any
    auth_header: Optional[str]
    auth: Optional[ServiceAuthData]
    timeout_ms: int
    model: Optional[ModelOfferData]
    routes: Optional[List[RouteRuleData]]
    cache_seconds: int
    cache_hit_basis_points: int
    active: bool
    disabled: bool
    retry_at: Optional[str]
    overcharges: int
    updated_at: str


class ServiceDefinitionData(_ServiceDefinitionData, total=False):
    dropped: Optional[List[str]]
    links: Optional[Dict[str, str]]


class ServiceDefinitionsData(TypedDict):
    services: List[ServiceDefinitionData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class ServiceSpentData(TypedDict):
    service_id: Optional[str]
    runs: int
    cost_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]


class ServicesData(TypedDict):
    services: List[ServiceData]
    total_count: int
    offset: int
    limit: int
    empty_because: Optional[str]


class SessionData(TypedDict):
    session_id: str
    agent_id: str
    user_id: str
    scopes: ScopesData
    budget: BudgetData
    created_at: str
    expires_at: str
    revoked_at: Optional[str]
    suspended: bool
    resume_at: Optional[str]
    runs: List[RunSummaryData]
    parent_session_id: Optional[str]
    depth: int
    key_id: Optional[str]
    links: Dict[str, str]


class SessionSummaryData(TypedDict):
    session_id: str
    agent_id: str
    user_id: str
    budget_limit_cents: Union[int, Decimal]
    created_at: str
    expires_at: str
    closed_at: Optional[str]
    parent_session_id: Optional[str]
    depth: int


class SessionsData(TypedDict):
    sessions: List[SessionSummaryData]
    offset: int
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class SettlementData(TypedDict):
    run_id: str
    session_id: str
    user_id: Optional[str]
    agent_id: Optional[str]
    wallet_id: str
    network: str
    payer: str
    amount_cents: Union[int, Decimal]
    asset: str
    nonce: str
    state: Literal["settling", "unresolved", "settled", "refused"]
    reason: Optional[str]
    tx_hash: Optional[str]
    by_hand: bool
    begun_at: str
    valid_before: str
    ended_at: Optional[str]


class SettlementsData(TypedDict):
    settlements: List[SettlementData]
    facilitator: Optional[str]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    limit: int
    has_more: bool
    next_cursor: Optional[str]
    empty_because: Optional[str]


class SideData(TypedDict):
    side: Literal["old", "both", "new"]
    switched_at: Optional[str]
    sessions: int


class SkillData(TypedDict):
    skill_id: str
    name: str
    description: str
    tags: List[str]
    input_modes: List[str]
    output_modes: List[str]
    weight: Optional[int]


class SpendingData(TypedDict):
    session_id: str
    whole: SpentOnData
    nodes: List[SpendingNodeData]
    has_more: bool
    links: Dict[str, str]


class SpendingNodeData(TypedDict):
    depth: int
    session_id: str
    parent_session_id: Optional[str]
    agent_id: str
    created_at: str
    expires_at: str
    budget: BudgetData
    own: SpentOnData
    subtree: SubtreeSpentData
    beyond_cents: Union[int, Decimal]


class SpentData(TypedDict):
    spent_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    projected_at: Optional[str]
    not_projected: Optional[Literal["no_cap", "nothing_spent", "reached", "not_in_this_period", "no_period"]]


class SpentOnData(TypedDict):
    spent_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    models: List[ModelSpentData]
    services: List[ServiceSpentData]
    transfers: TransfersSpentData


class SponsorData(TypedDict):
    campaign_id: str
    sponsor: str
    task_completed: bool
    runs_left: int


class SponsoredServiceData(TypedDict):
    service_id: str
    max_price_cents: Optional[Union[int, Decimal]]


class StandingData(TypedDict):
    session_id: str
    agent_id: str
    user_id: str
    suspended: bool
    user_paused: bool


class StateAtData(TypedDict):
    kind: Literal["user", "session", "campaign", "service", "wallet", "agent", "payment", "webhook", "clock", "upstream", "conversation", "person", "response", "cached", "chat", "attachment", "memory", "watch", "scenario", "move", "sign_in"]
    entity_id: str
    sequence: int
    last_sequence: int
    decided: List[JournalEventData]
    state: Any
    state_unknown: Optional[str]
    links: Dict[str, str]


class StatementData(TypedDict):
    wallet_id: str
    entries: List[EntryData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class StepCountData(TypedDict):
    step: Literal["runs_paid", "completions", "completions_withdrawn", "rewards_pending", "rewards_disputed", "rewards_paid", "rewards_returned", "refusals"]
    count: Optional[int]


class SubtreeSpentData(TypedDict):
    sessions: int
    spent_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    models_cents: Union[int, Decimal]
    services_cents: Union[int, Decimal]
    transfers_cents: Union[int, Decimal]


class TargetData(TypedDict):
    measure: Literal["payments", "amount_cents", "active_agents", "active_providers", "completions", "returning_percent", "messages", "delivered_percent", "agents", "developers"]
    least: int
    yesterday: int
    reached: bool


class TaskData(TypedDict):
    campaign_id: str
    sponsor: str
    name: str
    type: str
    unlocks: List[str]
    completed: bool
    reward_cents: Union[int, Decimal]


class TaskDetailData(TypedDict):
    campaign_id: str
    sponsor: str
    task: TaskTermsData
    completed: bool
    reward_cents: Union[int, Decimal]
    payout_delay_seconds: int
    consent_meanings: List[ConsentMeaningData]


class TaskTermsData(TypedDict):
    name: str
    type: str
    description: str
    schema: Any
    data_types: List[str]
    consents: List[str]


class TasksData(TypedDict):
    tasks: List[TaskData]
    total_count: int
    offset: int
    limit: int
    empty_because: Optional[str]


class TestAnswerData(TypedDict):
    input: Any
    output: Any
    fails: Optional[Literal["timeout", "unavailable", "error", "refuses_input", "no_connection", "not_json", "too_large"]]
    delay_ms: int
    cost_cents: Optional[Union[int, Decimal]]


class TestAnswersData(TypedDict):
    service_id: str
    answers: List[TestAnswerData]


class ToolTermsData(TypedDict):
    service_id: str
    price_cents: Optional[Union[int, Decimal]]
    category: Optional[str]
    active: bool


class ToolWordsData(TypedDict):
    name: str
    title: Optional[str]
    description: str
    input_schema: Any
    output_schema: Any
    read_only: Optional[bool]
    destructive: Optional[bool]
    idempotent: Optional[bool]
    open_world: Optional[bool]
    hash: str


TotalsData = TypedDict("TotalsData", {"count": "int", "amount_cents": "Union[int, Decimal]", "refunded_cents": "Union[int, Decimal]", "from": "Optional[str]", "to": "Optional[str]"}, total=True)


class TransferData(TypedDict):
    transfer_id: str
    state: Literal["pending", "awaiting_approval", "succeeded", "failed", "cancelled"]
    to: str
    amount_cents: Union[int, Decimal]
    memo: str
    budget: Optional[BudgetData]
    approval: Optional[ApprovalWaitData]


class TransfersSpentData(TypedDict):
    count: int
    amount_cents: Union[int, Decimal]
    refunded_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]


class TreeData(TypedDict):
    tree: TreeNodeData
    node_count: int
    truncated: bool


class TreeNodeData(TypedDict):
    session_id: str
    agent_id: str
    parent_session_id: Optional[str]
    depth: int
    state: Literal["live", "suspended", "expired", "revoked"]
    budget: BudgetData
    expires_at: str
    children: List[TreeNodeData]
    children_omitted: int


class TrialBalanceData(TypedDict):
    funds_cents: Union[int, Decimal]
    in_transit_cents: Union[int, Decimal]
    sum_cents: Union[int, Decimal]


class TrialData(TypedDict):
    service_id: str
    try_id: str
    outcome: Literal["succeeded", "failed"]
    output: Any
    cost_cents: Optional[Union[int, Decimal]]
    failure_code: Optional[Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]]
    reason: Optional[str]
    attempts: int
    took_ms: int


class _UpstreamData(TypedDict):
    upstream_id: str
    urls: Optional[List[str]]
    command: Optional[str]
    description: Optional[str]
    auth: Optional[ServiceAuthData]
    category: str
    price_cents: Union[int, Decimal]
    provider: str
    owner: Optional[str]
    timeout_ms: int
    active: bool
    tools: List[ToolTermsData]
    state: Literal["followed", "failing", "paused"]
    failure: Optional[Literal["unreachable", "timeout", "refused", "unauthorized", "protocol", "too_large", "too_many_tools", "command_unknown"]]
    failing_since: Optional[str]
    offered_count: int
    approved_count: int
    waiting_count: int
    refreshed_at: Optional[str]
    updated_at: str


class UpstreamData(_UpstreamData, total=False):
    dropped: Optional[List[str]]
    links: Optional[Dict[str, str]]


class UpstreamToolData(TypedDict):
    service_id: str
    state: Literal["offered", "approved", "changed", "gone", "unusable"]
    offered: Optional[ToolWordsData]
    approved: Optional[ToolWordsData]
    differences: List[str]
    unusable: Optional[Literal["name", "name_taken", "description_too_long", "hidden_characters", "schema", "x_mcp_header"]]
    warnings: List[str]
    refused: Optional[Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]]
    changed_at: str
    approved_at: Optional[str]


class UpstreamToolsData(TypedDict):
    tools: List[UpstreamToolData]
    total_count: int
    offset: int
    limit: int


class UpstreamsData(TypedDict):
    upstreams: List[UpstreamData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class UsageGroupData(TypedDict):
    group: Optional[str]
    calls: int
    hits: int
    cost_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    posted_percent: Optional[float]
    input_tokens: int
    cache_read_tokens: int
    cache_write_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cache_read_percent: Optional[float]
    estimates: int
    failures: int
    over_cents: Union[int, Decimal]
    first_ms_p50: Optional[int]
    first_ms_p95: Optional[int]
    took_ms_p50: Optional[int]
    took_ms_p95: Optional[int]


_UserData = TypedDict("_UserData", {"user_id": "str", "attributes": "Optional[Dict[str, List[str]]]", "time_zone": "Optional[str]", "daily_cap_cents": "Optional[Union[int, Decimal]]", "monthly_cap_cents": "Optional[Union[int, Decimal]]", "grants": "List[GrantData]", "erased": "bool", "paused": "bool", "per_service": "Dict[str, PartCapData]", "per_category": "Dict[str, PartCapData]", "raise": "Optional[UserRaiseData]"}, total=True)


class UserData(_UserData, total=False):
    dropped: Optional[List[str]]
    spent: Optional[UserSpentData]
    links_until: Optional[str]
    links: Optional[Dict[str, str]]


class UserLinkData(TypedDict):
    user_id: str
    link: str
    expires_at: str


class UserRaiseData(TypedDict):
    user_id: str
    daily_cap_cents: Optional[Union[int, Decimal]]
    monthly_cap_cents: Optional[Union[int, Decimal]]
    until: str


class UserSpentData(TypedDict):
    today: Optional[SpentData]
    this_month: Optional[SpentData]
    per_service: Dict[str, PartSpentData]
    per_category: Dict[str, PartSpentData]


class UserStandingData(TypedDict):
    user_id: str
    paused: bool


class UserSummaryData(TypedDict):
    user_id: str
    daily_cap_cents: Optional[Union[int, Decimal]]
    monthly_cap_cents: Optional[Union[int, Decimal]]
    erased: bool
    paused: bool
    updated_at: str


class UsersData(TypedDict):
    users: List[UserSummaryData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class WaitingData(TypedDict):
    run_id: str
    session_id: str
    user_id: str
    agent_id: str
    service_id: Optional[str]
    payee: Optional[str]
    max_amount_cents: Union[int, Decimal]
    requested_at: str
    expires_at: str
    link: Optional[str]
    state: Literal["pending", "approved", "denied", "expired", "ended"]
    decided_at: Optional[str]
    decided_by: Optional[str]
    beyond_budget: bool


class WalletBookData(TypedDict):
    wallet_id: str
    asset: str
    balance_cents: Union[int, Decimal]
    entered_cents: Union[int, Decimal]
    left_cents: Union[int, Decimal]
    received_cents: Union[int, Decimal]
    sent_cents: Union[int, Decimal]
    updated_at: str


class _WalletData(TypedDict):
    wallet_id: str
    balance_cents: Union[int, Decimal]
    available_cents: Union[int, Decimal]
    held_cents: Union[int, Decimal]
    entered_cents: Union[int, Decimal]
    left_cents: Union[int, Decimal]
    received_cents: Union[int, Decimal]
    paid_cents: Union[int, Decimal]
    unresolved_cents: Union[int, Decimal]


class WalletData(_WalletData, total=False):
    links: Optional[Dict[str, str]]


class WalletsData(TypedDict):
    wallets: List[WalletBookData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class WatchData(TypedDict):
    watch_id: str
    state: Literal["running", "pausing", "paused", "ending", "ended"]
    pause: Optional[WatchPauseData]
    ending: Optional[Literal["stopped", "turns", "stop_word", "silence"]]
    seen: WatchSeenData
    seat: int
    plan: WatchPlanData
    created_at: str
    turns: List[WatchTurnData]
    total_count: int
    offset: int
    limit: int


class WatchListedData(TypedDict):
    watch_id: str
    topic: Optional[str]
    state: Literal["running", "pausing", "paused", "ending", "ended"]
    turn: int
    updated_at: str


class WatchPauseData(TypedDict):
    why: Literal["person", "budget", "failed", "refused"]
    seat: Optional[int]
    code: Optional[Literal["approval_decided", "budget_exceeded", "content_refused", "conversation_closed", "duplicate_request", "forbidden", "grant_exceeded", "idempotency_conflict", "idempotency_in_flight", "internal", "key_mismatch", "malformed_request", "method_not_allowed", "not_acceptable", "not_accepted", "not_eligible", "not_found", "payload_too_large", "payment_required", "precondition_failed", "rate_limited", "rewards_exhausted", "run_cancelled", "run_decided", "scope_violation", "session_expired", "session_revoked", "session_suspended", "signature_refused", "task_already_completed", "test_only", "test_reset", "unauthorized", "unavailable", "unsupported_media_type", "upstream_failed", "upstream_timeout", "validation_failed"]]


class WatchPlanData(TypedDict):
    topic: Optional[str]
    seats: List[WatchSeatData]
    turns: int
    pace_seconds: int
    silent_turns: int
    stop_word: Optional[str]


class WatchSeatData(TypedDict):
    seat: int
    name: Optional[str]
    role: Optional[str]
    model: Optional[str]
    budget_cents: Union[int, Decimal]
    spent_cents: Union[int, Decimal]
    is_taken: bool


class WatchSeenData(TypedDict):
    turn: int
    interventions: int


class WatchTurnData(TypedDict):
    turn: int
    seat: Optional[int]
    at: str
    state: Literal["under_way", "failed", "said", "silent", "stop_word", "cut"]
    text: Optional[str]
    run_id: Optional[str]
    attempts: int
    cost_cents: Union[int, Decimal]


class WatchesData(TypedDict):
    watches: List[WatchListedData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class _WebhookData(TypedDict):
    webhook_id: str
    url: str
    types: Optional[List[str]]
    description: Optional[str]
    active: bool
    state: Literal["delivering", "wants_secret", "paused", "disabled"]
    disabled_at: Optional[str]
    disabled_reason: Optional[str]
    secrets: List[WebhookSecretData]
    waiting: int
    waiting_since: Optional[str]
    took_at: Optional[str]
    replays_until: Optional[str]
    updated_at: str


class WebhookData(_WebhookData, total=False):
    dropped: Optional[List[str]]
    links: Optional[Dict[str, str]]


class WebhookReplayData(TypedDict):
    webhook_id: str
    since: str
    until: str


class WebhookSecretData(TypedDict):
    secret_id: str
    public_key: str
    issued_at: str
    until: Optional[str]


class WebhooksData(TypedDict):
    webhooks: List[WebhookData]
    total_count: Optional[int]
    total_count_unknown: Optional[str]
    offset: int
    limit: int


class WhereData(TypedDict):
    side: Literal["old", "new"]


class WithdrawnData(TypedDict):
    consent_id: str
    campaign_id: str
    withdrawn_at: str


class WrittenMemoryData(TypedDict):
    memory: MemoryData
    run_id: Optional[str]
    cost_cents: Optional[Union[int, Decimal]]
