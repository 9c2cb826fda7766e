using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>How far a reward that is held has come.</summary>
public enum RewardStage
{
    /// <summary>For a task that may yet be done.</summary>
    Claimed = 1,

    /// <summary>For a completion of which this stream does not know yet whether it is for good: the user's stream says.</summary>
    Counted = 2,

    /// <summary>Earned; paid when its time has come.</summary>
    Due = 3,

    /// <summary>Frozen until an operator releases or returns it.</summary>
    Disputed = 4,
}

/// <summary>A reward that is held in the escrow.</summary>
/// <param name="Id">The claim's, or the completion's.</param>
/// <param name="Owner">The user's stream: it alone decides claims and completions, and is asked about them.</param>
/// <param name="At">Of a claim or a completion that is not known to be for good: when the user's stream is asked. Else: when it is, or was, to be paid.</param>
/// <param name="Reason">Of the dispute.</param>
public sealed record Reward(
    Guid Id, RewardStage Stage, string Owner, string AgentId, long AmountMicros, int PayoutDelaySeconds, DateTimeOffset At, string? Reason = null);

/// <summary>
/// The rewards that a campaign holds, and what it has paid. A reward is in it from claim or count until it is paid, returned or let go; so
/// that it is paid at most once needs no memory of those that are.
/// <para>Bounds: as many as the escrow can hold. Sums are kept, so that a view, an alarm or a check costs no walk.</para>
/// </summary>
/// <param name="Alarms">When each that is not disputed wants attention.</param>
/// <param name="Claims">How many are claimed: each takes one of the completions that the campaign wants.</param>
public sealed record RewardBook(
    ImmutableSortedDictionary<Guid, Reward> Open, ImmutableSortedSet<RewardAlarm> Alarms, int Claims, long HeldMicros, long DisputedMicros, long PaidMicros)
{
    public static readonly RewardBook Empty = new(ImmutableSortedDictionary<Guid, Reward>.Empty, [], 0, 0, 0, 0);

    public bool IsUnused => Open.IsEmpty && PaidMicros == 0;

    public RewardTotals Totals => new(PaidMicros, HeldMicros - DisputedMicros, DisputedMicros);

    public DateTimeOffset? NextAlarm => Alarms.IsEmpty ? null : Alarms.Min.At;

    /// <summary>Those whose time has come, earliest first.</summary>
    public IEnumerable<Reward> Ringing(DateTimeOffset now) => Alarms.TakeWhile(a => a.At <= now).Select(a => Open[a.Id]);

    public RewardBook With(Reward reward)
    {
        var rest = Open.ContainsKey(reward.Id) ? Without(reward.Id) : this;
        var disputed = reward.Stage is RewardStage.Disputed;
        return rest with
        {
            Open = rest.Open.Add(reward.Id, reward),
            Alarms = disputed ? rest.Alarms : rest.Alarms.Add(new(reward.At, reward.Id)),
            Claims = rest.Claims + (reward.Stage is RewardStage.Claimed ? 1 : 0),
            HeldMicros = rest.HeldMicros + reward.AmountMicros,
            DisputedMicros = rest.DisputedMicros + (disputed ? reward.AmountMicros : 0),
        };
    }

    public RewardBook Without(Guid id)
    {
        var reward = Open[id];
        return this with
        {
            Open = Open.Remove(id),
            Alarms = Alarms.Remove(new(reward.At, id)),
            Claims = Claims - (reward.Stage is RewardStage.Claimed ? 1 : 0),
            HeldMicros = HeldMicros - reward.AmountMicros,
            DisputedMicros = DisputedMicros - (reward.Stage is RewardStage.Disputed ? reward.AmountMicros : 0),
        };
    }

    public RewardBook Paid(Guid id) => Without(id) with { PaidMicros = PaidMicros + Open[id].AmountMicros };

    public void CheckSums()
    {
        var expected = Open.Values.Aggregate(Empty with { PaidMicros = PaidMicros }, (book, reward) => book.With(reward));
        Invariant.Check(
            expected.HeldMicros == HeldMicros && expected.DisputedMicros == DisputedMicros && expected.Claims == Claims && expected.Alarms.SetEquals(Alarms),
            "rewards_are_summed");
    }
}

public readonly record struct RewardAlarm(DateTimeOffset At, Guid Id) : IComparable<RewardAlarm>
{
    public int CompareTo(RewardAlarm other) => At.CompareTo(other.At) is not 0 and var byTime ? byTime : Id.CompareTo(other.Id);
}
