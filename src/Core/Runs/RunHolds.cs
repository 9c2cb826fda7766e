using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>A hold elsewhere that has yet to follow this session's decision.</summary>
/// <param name="Tokens">Of a model's call, told to a session above: that it read and wrote.</param>
public sealed record Follower(
    Guid RunId, Guid HoldId, StreamId Node, bool Posted, long AmountMicros, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] long Tokens = 0)
{
    /// <summary>Soft: it was told, and its run's others not yet. After a crash it is told again, to no effect.</summary>
    [JsonIgnore]
    public bool Told { get; init; }
}

/// <summary>Who holds a run's price besides its leaf, and under which ids.</summary>
public static class RunHolds
{
    /// <summary>A run mints ids up to this one for itself; the next are its holds at the sessions above, in order of the path.</summary>
    private const int AboveFrom = 3;

    /// <summary>The seed of the ids of a run's holds above; null: there are none.</summary>
    internal static Guid? NewSeed(Leaf leaf, Context context) => leaf.Path.IsEmpty ? null : context.NewId(AboveFrom);

    /// <summary>A run's hold at a session above. It follows from the run's request, so no event names it.</summary>
    /// <param name="reservedAt">When it was requested; or, where it had to wait for approval and begins anew, approved.</param>
    public static Guid Above(DateTimeOffset reservedAt, Guid runId, Guid? holdsAbove, bool approved, int place) =>
        Ids.Derive(reservedAt, holdsAbove ?? runId, AboveFrom + (approved ? Limits.TreeDepth : 0) + place);

    public static Guid Above(PendingRun run, int place) => Above(run.ApprovedAt ?? run.RequestedAt, run.RunId, run.HoldsAbove, run.ApprovedAt is not null, place);

    public static bool Has(Leaf leaf, PendingRun run, Guid holdId)
    {
        if (run.UserHold == holdId || run.FundHold == holdId) return true;
        for (var place = 0; place < leaf.Path.Length; place++)
        {
            if (Above(run, place) == holdId) return true;
        }

        return false;
    }

    /// <summary>Whom the decision of this run concerns: whatever was asked for a hold must be told; one that refused answers a Void harmlessly.</summary>
    public static ImmutableArray<Follower> FollowersOf(Leaf leaf, PendingRun run, bool posted, long amount, long tokens = 0)
    {
        var user = new Follower(run.RunId, run.UserHold, User(leaf), posted, amount);
        ImmutableArray<Follower> followers = run.FundHold is { } hold && FundOf(leaf, run) is { } fund ? [user, new(run.RunId, hold, fund, posted, amount)] : [user];
        return leaf.Path.IsEmpty ? followers
            : [.. followers, .. leaf.Path.Select((node, place) => new Follower(run.RunId, Above(run, place), Session(leaf, node.SessionId), posted, amount, tokens))];
    }

    /// <summary>The fund that may hold something for this run, and shall not.</summary>
    public static ImmutableArray<Follower> LeftBy(Leaf leaf, PendingRun run) =>
        run.FundHold is { } hold && FundOf(leaf, run) is { } fund ? [new(run.RunId, hold, fund, Posted: false, 0)] : [];

    internal static StreamId User(Leaf leaf) => new(leaf.Tenant, Kinds.User, leaf.UserId!);

    internal static StreamId Session(Leaf leaf, string sessionId) => new(leaf.Tenant, Kinds.Session, sessionId);

    internal static StreamId Campaign(Leaf leaf, string campaignId) => new(leaf.Tenant, Kinds.Campaign, campaignId);

    internal static StreamId Wallet(Leaf leaf, string wallet) => new(leaf.Tenant, Kinds.Wallet, wallet);

    private static StreamId? FundOf(Leaf leaf, PendingRun run) => run switch
    {
        { Wallet: { } wallet } => Wallet(leaf, wallet),
        { Campaign: { } campaign } => Campaign(leaf, campaign.CampaignId),
        _ => null,
    };
}
