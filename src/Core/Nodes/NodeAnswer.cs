using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Nodes;

/// <summary>Closed: what is answered to a <see cref="NodeCommand"/> that was not refused.</summary>
public abstract record NodeAnswer
{
    private protected NodeAnswer()
    {
    }
}

/// <summary>Closed: what a Reserve comes to that is not refused. Held, or <see cref="ApprovalNeeded"/>: nothing is held yet, and whoever asked waits.</summary>
public abstract record ReserveAnswer : NodeAnswer
{
    private protected ReserveAnswer()
    {
    }
}

/// <param name="Campaign">The candidate in turn: its fund is asked next. Null: the run is free (amount 0), or no sponsor pays and the agent does.</param>
/// <param name="Nodes">Accounts that hold the amount, limited or not, parted by spaces; null: there are none, or it is not said.</param>
/// <param name="Attributes">Travel with the Reserve to the campaign.</param>
/// <param name="Why">Server text: why this one.</param>
/// <param name="RemainingMicros">The least that is left of grant, day and month beyond the hold; null: none of them is limited, or it is not said.</param>
/// <param name="Near">Those of them of which 80 % are spent or held, this hold included; null: none, or it is not said.</param>
public sealed record UserReserved(
    Guid HoldId,
    Candidate? Campaign,
    Personal? Attributes,
    string Why,
    long? RemainingMicros = null,
    string? Nodes = null,
    IReadOnlyList<NearLimit>? Near = null) : ReserveAnswer;

/// <summary>A cap that is nearly used up.</summary>
/// <param name="Limit">As a refusal by it names it: session, grant_total, daily_cap, monthly_cap, or of a service or category service_daily_cap, service_monthly_cap, category_daily_cap, category_monthly_cap.</param>
/// <param name="Id">Whose: the session, the grant's agent, the user, the service or the category.</param>
public sealed record NearLimit(string Limit, string Id, long LimitMicros, long RemainingMicros)
{
    public const string OfSession = "session";

    /// <summary>Of what is spent, where this much more takes it past one of the parts at which whoever watches is told; null: it does not.</summary>
    public static NearLimit? Passed(string limit, string id, Account spent, long amountMicros) =>
        spent.Limit is { } most && (spent.Passes(amountMicros, Limits.WarnAtPercent) || spent.Passes(amountMicros, 100)) ? new(limit, id, most, most - spent.Posted - amountMicros) : null;

    /// <summary>What <see cref="Limit"/> may be.</summary>
    public static readonly IReadOnlyList<string> All = [OfSession, "grant_total", "daily_cap", "monthly_cap", "service_daily_cap", "service_monthly_cap", "category_daily_cap", "category_monthly_cap"];
}

/// <summary>All that is asked for could be held, and nothing is: the grant wants the user to approve this run first.</summary>
public sealed record ApprovalNeeded(Guid HoldId) : ReserveAnswer;

/// <param name="RemainingMicros">What is left of this session's budget beyond the hold.</param>
/// <param name="Near">This session's budget, where 80 % of it are spent or held; null: less is, or it is not said.</param>
public sealed record SessionReserved(Guid HoldId, long RemainingMicros, NearLimit? Near = null) : ReserveAnswer;

/// <summary>A fund holds the amount.</summary>
/// <param name="SchemaHash">Of a campaign: SHA-256 of its task's schema as it is now, base64url.</param>
public sealed record FundReserved(Guid HoldId, string? SchemaHash = null) : ReserveAnswer;

/// <summary>How a hold stands after a Post or Void: <see cref="HoldStanding.Posted"/>, Voided or Forgotten.</summary>
public sealed record HoldEnded(Guid HoldId, HoldStanding Standing) : NodeAnswer;

/// <summary>How a run stands for the node that asked.</summary>
/// <param name="Open">Still under way: ask again later; nothing may follow from it.</param>
/// <param name="OpenForSeconds">Of an open one: not before this is over, by the clock of the node. Durations travel, times do not. Null: it is not said, as by the release before.</param>
public sealed record Inquired(Guid RunId, Guid HoldId, bool Open, bool Posted, long AmountMicros, int? OpenForSeconds = null, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Tokens = 0) : NodeAnswer;

/// <summary>What a campaign may do with a reward that it holds.</summary>
public enum RewardStanding
{
    /// <summary>Nothing yet: ask again later.</summary>
    Open = 1,

    /// <summary>Pay it.</summary>
    Final = 2,

    /// <summary>Let it go: the claim is over, or the completion never was.</summary>
    Void = 3,

    /// <summary>Let it go: the completion stands, and a consent was withdrawn.</summary>
    Withdrawn = 4,
}

public sealed record RewardStood(Guid Id, RewardStanding Standing) : NodeAnswer;

/// <summary>What a limit's node says of a refund that it was told.</summary>
/// <param name="Standing">Held: it is counted, and remembered until it is released. Posted: counted and released. Late or Forgotten: it was not counted under this id, and never will be. Ahead: not yet.</param>
public sealed record RefundTold(Guid TellId, HoldStanding Standing) : NodeAnswer;

public sealed record Credited(string Source, long Number) : NodeAnswer;
