using System.Text.Json.Serialization;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Campaigns;

/// <summary>What a sponsor asks for. <paramref name="Schema"/> is JSON Schema 2020-12 as JSON text.</summary>
/// <param name="Consents">Of <see cref="ConsentTypes"/>.</param>
public sealed record SponsorTask(string Name, string Type, string Description, string Schema, IReadOnlyList<string> DataTypes, IReadOnlyList<string> Consents);

/// <summary>A service that a campaign pays for. <paramref name="MaxPriceMicros"/> null: whatever it costs.</summary>
public sealed record SponsoredService(string ServiceId, long? MaxPriceMicros);

/// <summary>An attribute of the user must have one of the values.</summary>
public sealed record TargetingRule(string Attribute, IReadOnlyList<string> Values);

/// <param name="RewardMicros">What a completed task earns its agent; 0: nothing.</param>
/// <param name="PayoutDelaySeconds">From the completion to its payment: so long it can be disputed.</param>
/// <param name="AllowRelated">Runs of services with the campaign's own owner are paid too.</param>
public sealed record CampaignDefinition(
    string Sponsor,
    string? Owner,
    SponsorTask Task,
    IReadOnlyList<SponsoredService> Services,
    IReadOnlyList<TargetingRule> Targeting,
    int RunsPerCompletion,
    long? MaxMicrosPerUser,
    long? DailyCapMicros,
    long? MaxCompletions,
    DateTimeOffset? StartsAt,
    DateTimeOffset? EndsAt,
    bool Active,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long RewardMicros = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int PayoutDelaySeconds = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool AllowRelated = false)
{
    /// <summary>Names of the optional members, as an operator knows them, that have another value than their default.</summary>
    internal IReadOnlyList<string> Given() => Replacing.Given(
        ("owner", Owner is not null),
        ("task.data_types", Task.DataTypes.Count > 0),
        ("task.consents", Task.Consents.Count > 0),
        ("targeting", Targeting.Count > 0),
        ("runs_per_completion", RunsPerCompletion != 1),
        ("max_cents_per_user", MaxMicrosPerUser is not null),
        ("daily_cap_cents", DailyCapMicros is not null),
        ("max_completions", MaxCompletions is not null),
        ("starts_at", StartsAt is not null),
        ("ends_at", EndsAt is not null),
        ("reward_cents", RewardMicros != 0),
        ("payout_delay_seconds", PayoutDelaySeconds != 0),
        ("allow_related", AllowRelated),
        ("active", !Active));
}

/// <summary>Escrow: funded = remaining + held + spent, always (what a close returned counts out of funded, what refunds brought back into it).</summary>
public sealed record Escrow(long FundedMicros, long HeldMicros, long SpentMicros, long RemainingMicros);

/// <param name="Rewards">Null: it has neither paid nor held any.</param>
/// <param name="Dropped">Of the answer to a put: members that lost their values to it.</param>
/// <param name="ShortMicros">What it held last and could not hold again, since then: it pays nothing of that price or above. Null: no such amount is known.</param>
public sealed record CampaignView(
    string CampaignId, CampaignDefinition Definition, Escrow Escrow, long Completions, bool Closed, DateTimeOffset UpdatedAt, RewardTotals? Rewards = null,
    long? ShortMicros = null,
    IReadOnlyList<string>? Dropped = null)
{
    public string Etag => EntityTags.Of(Definition);
}

/// <param name="PendingMicros">Held for claims and for completions that are not paid yet, without what is disputed.</param>
public sealed record RewardTotals(long PaidMicros, long PendingMicros, long DisputedMicros);

/// <summary>An attribute of a user, as targeting sees it. Personal: it travels sealed in <see cref="Personal"/>.</summary>
public sealed record UserAttribute(string Name, IReadOnlyList<string> Values);

/// <summary>
/// Closed union. Answers:
/// PutCampaign, Fund, Close, Get → <see cref="CampaignView"/> (Get of an unknown one: not_found; Fund of an unknown or closed one: not_found, validation_failed).
/// Node.Reserve → <see cref="FundReserved"/>, or a rejection: not_eligible (same owner, targeting), payment_required (inactive, closed, not started, ended, service not covered, price above its maximum, daily cap, escrow short), and `unavailable` for hold ids too late or ahead.
/// CountCompletion → <see cref="CompletionCounted"/> or not_eligible / not_found / rewards_exhausted. VoidCompletion → <see cref="CompletionUncounted"/>.
/// ClaimReward → <see cref="RewardClaimed"/> or not_eligible / not_found / rewards_exhausted. ConfirmCompletion, ReturnReward → <see cref="RewardFollowed"/>.
/// DisputeReward, EndDispute → <see cref="RewardView"/>, or not_found (no such reward), duplicate_request (it was decided before), unavailable (not earned yet).
/// </summary>
public abstract record CampaignCommand
{
    private CampaignCommand()
    {
    }

    public static implicit operator CampaignCommand(NodeCommand asked) => new Node(asked);

    /// <summary>As a fund.</summary>
    public sealed record Node(NodeCommand Asked) : CampaignCommand;

    public sealed record PutCampaign(CampaignDefinition Definition, Replacing? Replacing = null) : CampaignCommand;

    public sealed record Fund(long AmountMicros) : CampaignCommand;

    /// <summary>Unspent escrow goes back to the sponsor's wallet (<c>sponsor:{campaign id}</c>); held runs finish, and what they leave follows.</summary>
    public sealed record Close : CampaignCommand;

    public sealed record Get : CampaignCommand;

    /// <summary>A completion counts against max_completions; asked by the user's stream, with its own completion id; idempotent by that id while the user's stream has it open.</summary>
    /// <param name="Owner">The user's stream id: it alone decides this completion, and is asked about its reward.</param>
    /// <param name="AgentOwner">Empty: nobody says who it is. Null: not looked up.</param>
    /// <param name="ClaimId">The reward was claimed before, under this id.</param>
    public sealed record CountCompletion(
        Guid CompletionId,
        string? Owner = null,
        string? AgentId = null,
        string? AgentOwner = null,
        Guid? ClaimId = null) : CampaignCommand;

    /// <summary>A completion, or a claim, will never be: what was counted and held for it is free again.</summary>
    public sealed record VoidCompletion(Guid CompletionId) : CampaignCommand;

    /// <summary>Holds the reward for a task that is still to be done; asked by the user's stream, which says when the claim is over.</summary>
    /// <param name="AgentOwner">As in <see cref="CountCompletion"/>.</param>
    public sealed record ClaimReward(Guid ClaimId, string Owner, string AgentId, string? AgentOwner) : CampaignCommand;

    /// <summary>The completion is durable at the user's stream: its reward is earned.</summary>
    public sealed record ConfirmCompletion(Guid CompletionId) : CampaignCommand;

    /// <summary>A consent that came with the completion was withdrawn.</summary>
    public sealed record ReturnReward(Guid CompletionId) : CampaignCommand;

    /// <param name="Recorded">As the table has it; null: it knows of none. What it says of a reward that is decided stays true.</param>
    public sealed record DisputeReward(Guid CompletionId, string Reason, RewardView? Recorded) : CampaignCommand;

    /// <param name="Pays">The agent is paid; else the escrow has it again.</param>
    /// <param name="Recorded">As in <see cref="DisputeReward"/>.</param>
    public sealed record EndDispute(Guid CompletionId, bool Pays, string Reason, RewardView? Recorded) : CampaignCommand;

    /// <summary>What the user's stream answered about a claim or completion. Own command.</summary>
    internal sealed record RewardInquired(Guid Id, RewardStanding Standing) : CampaignCommand;

    /// <summary>What came of this stream's own questions as a fund. Own command: nobody outside can send it.</summary>
    internal sealed record Learned(NodeOutcome Outcome) : CampaignCommand;

    public sealed record Tick : CampaignCommand;
}

/// <param name="RewardMicros">What is held for it.</param>
/// <param name="WhyNot">The campaign pays rewards, and none for this.</param>
public sealed record CompletionCounted(
    Guid CompletionId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long RewardMicros = 0,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int PayoutDelaySeconds = 0,
    string? WhyNot = null);

public sealed record RewardClaimed(Guid ClaimId, long RewardMicros);

public sealed record RewardFollowed(Guid CompletionId);

/// <param name="State">One of <see cref="RewardStates"/>.</param>
/// <param name="PaysAt">When it is, or was, to be paid; null: its completion is not known to be for good yet.</param>
/// <param name="Reason">Of an operator's last word.</param>
public sealed record RewardView(Guid CompletionId, string CampaignId, string UserId, string AgentId, long AmountMicros, string State, DateTimeOffset? PaysAt, string? Reason);

public static class RewardStates
{
    public const string Pending = "pending";
    public const string Disputed = "disputed";
    public const string Paid = "paid";

    /// <summary>The campaign has it again: a consent was withdrawn, or a dispute ended so.</summary>
    public const string Returned = "returned";

    /// <summary>The completion never came to be.</summary>
    public const string Void = "void";
}

public sealed record CompletionUncounted(Guid CompletionId);
