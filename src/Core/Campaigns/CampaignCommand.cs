using Agora.Core.Kernel;
using Agora.Core.Wallets;

namespace Agora.Core.Campaigns;

/// <summary>What a sponsor asks for. <paramref name="Schema"/> is JSON Schema 2020-12 as JSON text.</summary>
/// <param name="Consents">Of data_sharing, contact, retention.</param>
public sealed record SponsorTask(string Name, string Type, string Description, string Schema, IReadOnlyList<string> DataTypes, IReadOnlyList<string> Consents);

/// <summary>A service that a campaign pays for. <paramref name="MaxPriceMicros"/> null: whatever it costs.</summary>
public sealed record SponsoredService(string ServiceId, long? MaxPriceMicros);

/// <summary>An attribute of the user must have one of the values.</summary>
public sealed record TargetingRule(string Attribute, IReadOnlyList<string> Values);

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
    bool Active);

/// <summary>Escrow: funded = remaining + held + spent, always (what a close returned counts out of funded, what refunds brought back into it).</summary>
public sealed record Escrow(long FundedMicros, long HeldMicros, long SpentMicros, long RemainingMicros);

public sealed record CampaignView(string CampaignId, CampaignDefinition Definition, Escrow Escrow, long Completions, bool Closed, DateTimeOffset UpdatedAt);

/// <summary>An attribute of a user, as targeting sees it. Personal: it travels sealed in <see cref="Personal"/>.</summary>
public sealed record UserAttribute(string Name, IReadOnlyList<string> Values);

/// <summary>
/// Closed union. Answers:
/// PutCampaign, Fund, Close, Get → <see cref="CampaignView"/> (Get of an unknown one: not_found; Fund of an unknown or closed one: not_found, validation_failed).
/// Reserve → <see cref="FundReserved"/>, or a rejection: not_eligible (targeting), payment_required (inactive, closed, not started, ended, service not covered, price above its maximum, daily cap, escrow short), and `unavailable` for hold ids too late or ahead.
/// Post, Void → <see cref="HoldDecided"/>. Credit → <see cref="Credited"/>. CountCompletion → <see cref="CompletionCounted"/> or not_eligible / not_found. VoidCompletion → <see cref="CompletionUncounted"/>.
/// </summary>
public abstract record CampaignCommand
{
    private CampaignCommand()
    {
    }

    public sealed record PutCampaign(CampaignDefinition Definition) : CampaignCommand;

    public sealed record Fund(long AmountMicros) : CampaignCommand;

    /// <summary>Unspent escrow goes back to the sponsor's wallet (<c>sponsor:{campaign id}</c>); held runs finish, and what they leave follows.</summary>
    public sealed record Close : CampaignCommand;

    public sealed record Get : CampaignCommand;

    /// <param name="Owner">The session's stream id: it alone decides this hold, and is asked about it.</param>
    /// <param name="Attributes">JSON list of <see cref="UserAttribute"/>; null: the user's personal data were erased.</param>
    /// <param name="Provider">Wallet that is paid when the hold is posted.</param>
    /// <param name="FeeBasisPoints">Of what is posted, for wallet <c>fee</c>.</param>
    public sealed record Reserve(Guid HoldId, string Owner, Guid RunId, string ServiceId, long AmountMicros, string Provider, Personal? Attributes, int FeeBasisPoints = 0) : CampaignCommand;

    public sealed record Post(Guid HoldId, long AmountMicros) : CampaignCommand;

    public sealed record Void(Guid HoldId) : CampaignCommand;

    /// <summary>A refund comes back, from a wallet that numbers its transfers to this campaign: the rule of <see cref="WalletCommand.Credit"/>.</summary>
    /// <param name="Source">Stream id of the sender.</param>
    public sealed record Credit(string Source, long Number, long AmountMicros) : CampaignCommand;

    /// <summary>A completion counts against max_completions; asked by the user's stream, with its own completion id; idempotent by that id while the user's stream has it open.</summary>
    public sealed record CountCompletion(Guid CompletionId) : CampaignCommand;

    public sealed record VoidCompletion(Guid CompletionId) : CampaignCommand;

    /// <summary>What the owner answered about an overdue hold. Own command: nobody outside can send it.</summary>
    internal sealed record HoldInquired(Guid HoldId, bool Posted, long AmountMicros) : CampaignCommand;

    /// <summary>The wallet has the transfer. Own command.</summary>
    internal sealed record TransferArrived(string Wallet, long Number) : CampaignCommand;

    public sealed record Tick : CampaignCommand;
}

public sealed record CompletionCounted(Guid CompletionId);

public sealed record CompletionUncounted(Guid CompletionId);
