using Agora.Core.Access;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Decided = Agora.Core.Kernel.Decision<Agora.Core.Users.UserState, Agora.Core.Users.UserEvent>;

namespace Agora.Core.Users;

/// <summary>
/// What a run may cost this user, and whose campaign is asked to pay it. One hold keeps the price on every limit (grant, day,
/// month) and one run of the candidate in turn. Only the session's stream decides a hold; an overdue one is asked about there.
/// </summary>
public sealed partial class UserDecider
{
    private const string Free = "The run is free.";
    private const string Unfunded = "No fund is asked: the operator pays the provider.";
    private const string NoSponsor = "No sponsor pays for this run.";

    /// <summary>Days and months that are waited for: where one is over, another limit may refuse, and behind one that was begun in another zone a few may be spent already.</summary>
    private const int MostPeriods = 8;

    public static HoldBook HoldsOf(UserState state) => state.Holds;

    public static UserState WithHolds(UserState state, HoldBook holds) => state with { Holds = holds };

    public static void CheckAsked(NodeCommand.Reserve asked) => Invariant.Check(Money.InRange(asked.AmountMicros), "amount_in_range");

    public static Rejection? Undecidable(HoldStanding standing) => standing switch
    {
        HoldStanding.Posted or HoldStanding.Voided => UserRejection.HoldIsDecided,
        HoldStanding.Late or HoldStanding.Forgotten => UserRejection.HoldTooLate,
        HoldStanding.Ahead => UserRejection.HoldAhead,
        _ => null,
    };

    public static WaitingRoom RoomOf(UserState state) => state.Room;

    public static UserState WithRoom(UserState state, WaitingRoom room) => state with { Room = room };

    public static (long Now, long AtMost) FreeFor(UserState state, ReserveTerms terms, long amountMicros, Context context)
    {
        var (c, (day, month)) = ((ReserveTerms.OfUser)terms, state.AccountsAt(context));
        var parts = (state.CountsParts ? Parts(c) : []).SelectMany(part => new[] { AccountKeys.Of(day, part), AccountKeys.Of(month, part) });
        var (now, most) = (long.MaxValue, long.MaxValue);
        foreach (var key in new[] { AccountKeys.Grant(c.Grantee), day, month }.Concat(parts))
        {
            var node = state.Node(key, state.LimitInForce(key, context.Now));
            (now, most) = (Math.Min(now, node.Remaining), Math.Min(most, (node with { Held = 0 }).Remaining));
        }

        return (now, most);
    }

    public static Step[] Waking(UserState state) => RoomDecider<UserDecider, UserState, UserEvent>.Wake(state.Room);

    public static Decided ReserveAgain(UserState state, NodeCommand.Reserve asked, Context context) => InTurn(
        state, context, asked.HoldId, asked.AmountMicros == 0 ? Free : NoSponsor, Remaining(state, Terms(asked).Grantee, context),
        [.. state.Holds.Open[asked.HoldId].Lines.Where(l => AccountKeys.IsLimit(l.Account))]);

    public static Decided Reserve(UserState state, NodeCommand.Reserve asked, Context context)
    {
        var (c, free) = (Terms(asked), asked.AmountMicros == 0);
        if (!state.Exists) return Decided.Reject(UserRejection.NotFound);
        if (Taken(state, asked.Owner, c.Grantee, context.Now) is { } taken) return Decided.Reject(taken);
        if (Suspended(state, c.AgentId, c.Above, context.Now) is { } suspended) return Decided.Reject(suspended);
        var lines = new List<HoldLine>(3);
        var (remaining, near) = ((long?)null, (List<NearLimit>?)null);
        if (OverLimit(state, c, asked.AmountMicros, context, lines, ref remaining, ref near) is { } over) return InScope(state, c.Grantee, over);

        var funds = free || c.Unfunded ? [] : Funds(state, c, asked.AmountMicros);
        if (!free && funds.Count == 0 && !c.OwnFund && !c.Unfunded) return InScope(state, c.Grantee, Unpaid(state, c.Candidates));
        if (!c.Approved && state.Grants.GetValueOrDefault(c.Grantee)?.ApprovalAboveMicros < asked.AmountMicros)
        {
            return Decided.Accept(new ApprovalNeeded(asked.HoldId));
        }

        var why = free ? Free : c.Unfunded ? Unfunded : funds.Count == 0 ? NoSponsor : Why(state, funds[0], c.Named);
        var reserved = new UserEvent.HoldReserved(asked.HoldId, asked.Owner, asked.RunId, c.AgentId, asked.AmountMicros, free ? [] : lines, funds, why, remaining, near) { Attributes = state.Profile?.Attributes };
        return Decided.Accept(Reserved(reserved), reserved);
    }

    public static UserEvent Posted(UserState state, Hold hold, long amountMicros, long tokens, Context context)
    {
        List<NearLimit>? near = null;
        foreach (var line in hold.Lines)
        {
            if (!AccountKeys.IsLimit(line.Account) || state.LimitInForce(line.Account, context.Now) is not { } limit) continue;
            if (NearLimit.Passed(UserRejection.NameOf(line.Account), IdOf(state, line.Account), state.Node(line.Account, limit), amountMicros) is { } passed)
            {
                (near ??= []).Add(passed);
            }
        }

        return new UserEvent.HoldPosted(hold.Id, amountMicros, near, near is null ? null : hold.RunId);
    }

    public static UserEvent Voided(Guid holdId) => new UserEvent.HoldVoided(holdId);

    public static object Learn(NodeOutcome outcome) => new UserCommand.Learned(outcome);

    private static ReserveTerms.OfUser Terms(NodeCommand.Reserve asked) => (ReserveTerms.OfUser)asked.Terms;

    private static UserReserved Reserved(UserEvent.HoldReserved e) => new(
        e.HoldId, e.Candidates.Count > 0 ? e.Candidates[0] : null, e.Attributes, e.Why, e.RemainingMicros, Nodes(e.Lines), e.Near);

    private static Decided NextFund(UserState state, UserCommand.NextFund c, Context context)
    {
        if (state.Holds.Find(c.HoldId, context.Now) != HoldStanding.Held) return Decided.Reject(UserRejection.HoldIsDecided);
        if (state.Funds.GetValueOrDefault(c.HoldId)?.Current?.CampaignId != c.RefusedCampaignId) return InTurn(state, context, c.HoldId, NoSponsor);

        var queue = state.Funds[c.HoldId];
        var amount = state.Holds.Open[c.HoldId].Lines.Single(l => l.Account == AccountKeys.Micros(c.RefusedCampaignId)).Amount;
        if (queue.Candidates.Skip(queue.Turn + 1).FirstOrDefault(f => CouldPay(state, f, amount)) is not { } next)
        {
            if (c.OwnFund)
            {
                var left = new UserEvent.FundPassed(c.HoldId, c.RefusedCampaignId, c.Refused, null, $"{NoSponsor} Campaign {c.RefusedCampaignId} refused: {c.Refused}.", null);
                return Decided.Accept(new UserReserved(c.HoldId, null, null, left.Why!), left);
            }

            var exhausted = UserRejection.SponsorsRefused(c.RefusedCampaignId, c.Refused, c.Limit);
            return Decided.Reject(exhausted, new UserEvent.FundPassed(c.HoldId, c.RefusedCampaignId, c.Refused, null, null, exhausted));
        }

        var why = $"{Why(state, next, named: false)} Campaign {c.RefusedCampaignId} came before it and refused: {c.Refused}.";
        var passed = new UserEvent.FundPassed(c.HoldId, c.RefusedCampaignId, c.Refused, next, why, null) { Attributes = state.Profile?.Attributes };
        return Decided.Accept(new UserReserved(c.HoldId, next, passed.Attributes, why), passed);
    }

    /// <summary>Holds the amount on the grant, the day and the month, and on what counts the service and its category, in the order in which they refuse; what has no limit counts. The period is the user's own, by this stream's time.</summary>
    private static Rejection? OverLimit(UserState state, ReserveTerms.OfUser c, long amountMicros, Context context, List<HoldLine> lines, ref long? remaining, ref List<NearLimit>? near)
    {
        if (!state.IsCounted) return null;
        if (state.Grants.ContainsKey(c.Grantee)
            && OverLimit(state, c, UserRejection.GrantTotal, AccountKeys.Grant(c.Grantee), state.TotalLimitAt(c.Grantee, context.Now), amountMicros, context, lines, ref remaining, ref near) is { } overGrant)
        {
            return overGrant;
        }

        var (day, month) = state.AccountsAt(context);
        return OverLimit(state, c, UserRejection.DailyCap, day, state.DailyCapAt(context.Now), amountMicros, context, lines, ref remaining, ref near)
            ?? OverLimit(state, c, UserRejection.MonthlyCap, month, state.MonthlyCapAt(context.Now), amountMicros, context, lines, ref remaining, ref near)
            ?? (state.CountsParts ? OverPart(state, c, day, month, amountMicros, context, lines, ref near) : null);
    }

    private static Rejection? OverPart(UserState state, ReserveTerms.OfUser c, string day, string month, long amount, Context context, List<HoldLine> lines, ref List<NearLimit>? near)
    {
        foreach (var part in Parts(c))
        {
            var cap = state.CapOf(part);
            foreach (var (key, limit) in new[] { (AccountKeys.Of(day, part), cap?.DailyCapMicros), (AccountKeys.Of(month, part), cap?.MonthlyCapMicros) })
            {
                lines.Add(new(key, amount));
                if (limit is null) continue;

                var node = state.Node(key, limit);
                if (!node.CanReserve(amount))
                {
                    return UserRejection.OverPart(key, state.Stream.Id, node.Remaining, amount, SecondsLeft(state, c, key, amount, context));
                }

                if (amount > 0)
                {
                    AddNear(state, key, node.Reserve(amount), ref near);
                }
            }
        }

        return null;
    }

    private static IEnumerable<string> Parts(ReserveTerms.OfUser c) =>
        new[] { (Kind: PartCap.OfService, Name: c.ServiceId), (Kind: PartCap.OfCategory, Name: c.Category) }.Where(part => part.Name is not null).Select(part => PartCap.Part(part.Kind, part.Name!));

    private static Rejection? OverLimit(UserState state, ReserveTerms.OfUser c, string name, string key, long? limit, long amount, Context context, List<HoldLine> lines, ref long? remaining, ref List<NearLimit>? near)
    {
        lines.Add(new(key, amount));
        if (limit is null) return null;

        var node = state.Node(key, limit);
        if (!node.CanReserve(amount))
        {
            return UserRejection.OverLimit(name, node.Remaining, IdOf(state, key), amount, SecondsLeft(state, c, key, amount, context));
        }

        remaining = Math.Min(remaining ?? long.MaxValue, node.Remaining - amount);
        if (amount > 0)
        {
            AddNear(state, key, node.Reserve(amount), ref near);
        }

        return null;
    }

    /// <summary>
    /// Until a time at which every limit has room, if nothing else is spent; null: waiting would not help. A raise that is over by then has lowered its cap, so each is asked by what is in
    /// force then. What a grant's total refuses no period's end gives back, nor what is more than the cap.
    /// </summary>
    /// <param name="key">What refuses now.</param>
    private static long? SecondsLeft(UserState state, ReserveTerms.OfUser c, string key, long amount, Context context)
    {
        var at = context.Now;
        for (var passed = 0; passed < MostPeriods; passed++)
        {
            if (AccountKeys.IsGrant(key) || amount > state.LimitInForce(key, at)) return null;

            at = EndOf(state, key, context with { Now = at });
            if (at == DateTimeOffset.MaxValue) return null; // of a replay, which has the recorded period and not its end

            if (Refusing(state, c, amount, context with { Now = at }) is not { } next) return Seconds.Left(at, context.Now);

            key = next;
        }

        return null;
    }

    /// <summary>Of the day, or the month, in which this account counts.</summary>
    private static DateTimeOffset EndOf(UserState state, string key, Context context)
    {
        var periods = state.PeriodsAt(context);
        return AccountKeys.IsPartOfDay(key) ? periods.DayEnds : periods.MonthEnds;
    }

    /// <summary>The first account that would have no room; null: all have.</summary>
    private static string? Refusing(UserState state, ReserveTerms.OfUser c, long amount, Context context)
    {
        var (day, month) = state.AccountsAt(context);
        var parts = (state.CountsParts ? Parts(c) : []).SelectMany(part => new[] { AccountKeys.Of(day, part), AccountKeys.Of(month, part) });
        return new[] { AccountKeys.Grant(c.Grantee), day, month }.Concat(parts).FirstOrDefault(key => !state.Node(key, state.LimitInForce(key, context.Now)).CanReserve(amount));
    }

    /// <summary>Of the limits that hold these lines already.</summary>
    private static List<NearLimit>? Near(UserState state, IEnumerable<HoldLine> lines, DateTimeOffset now)
    {
        List<NearLimit>? near = null;
        foreach (var line in lines)
        {
            AddNear(state, line.Account, state.Node(line.Account, state.LimitInForce(line.Account, now)), ref near);
        }

        return near;
    }

    private static void AddNear(UserState state, string key, Account used, ref List<NearLimit>? near)
    {
        if (used is { IsNearLimit: true, Limit: { } limit })
        {
            (near ??= []).Add(new(UserRejection.NameOf(key), IdOf(state, key), limit, used.Remaining));
        }
    }

    private static string IdOf(UserState state, string key) =>
        AccountKeys.IsGrant(key) ? AccountKeys.AgentOf(key) : AccountKeys.PartOf(key) is { } part ? PartCap.NameOf(part) : state.Stream.Id;

    /// <summary>The least that is left of the limits that exist; null: none does.</summary>
    private static long? Remaining(UserState state, string grantee, Context context)
    {
        long? least = state.TotalLimitAt(grantee, context.Now) is { } total ? state.Node(AccountKeys.Grant(grantee), total).Remaining : null;
        if (state is { DailyCapMicros: null, MonthlyCapMicros: null }) return least;

        var (dayKey, monthKey) = state.AccountsAt(context);
        if (state.DailyCapAt(context.Now) is { } day)
        {
            least = Math.Min(least ?? long.MaxValue, state.Node(dayKey, day).Remaining);
        }

        if (state.MonthlyCapAt(context.Now) is { } month)
        {
            least = Math.Min(least ?? long.MaxValue, state.Node(monthKey, month).Remaining);
        }

        return least;
    }

    /// <summary>Null: no service or category has a cap.</summary>
    private static IReadOnlyList<PartLeft>? PartsLeft(UserState state, Context context)
    {
        if (state.Parts is not { } parts) return null;

        var (day, month) = state.AccountsAt(context);
        return [.. parts.Select(cap => new PartLeft(cap.Part(), Math.Min(Left(day, cap.Part(), cap.DailyCapMicros), Left(month, cap.Part(), cap.MonthlyCapMicros))))];

        long Left(string period, string part, long? limit) => limit is null ? long.MaxValue : state.Node(AccountKeys.Of(period, part), limit).Remaining;
    }

    /// <summary>What was taken from the session since it was opened, whether it has heard of that or not.</summary>
    private static Rejection? Taken(UserState state, string owner, string grantee, DateTimeOffset now) =>
        state.ErasedAt is not null ? AccessRejection.Revoked
        : state.Grants.GetValueOrDefault(grantee)?.ExpiresAt <= now ? AccessRejection.Expired
        : state.Taken(StreamId.Parse(owner).Id);

    /// <summary>Those that could pay: earliest to end first, then oldest completion, then id.</summary>
    private static List<Candidate> Funds(UserState state, ReserveTerms.OfUser c, long amountMicros)
    {
        var funds = new List<Candidate>(1);
        foreach (var candidate in c.Candidates)
        {
            if (CouldPay(state, candidate, amountMicros) && !Contains(funds, candidate.CampaignId))
            {
                funds.Add(candidate);
            }
        }

        if (funds.Count > 1)
        {
            funds.Sort((a, b) => InOrder(state, a, b));
        }

        if (funds.Count > Limits.Candidates)
        {
            funds.RemoveRange(Limits.Candidates, funds.Count - Limits.Candidates);
        }

        return funds;
    }

    private static bool Contains(List<Candidate> funds, string campaignId)
    {
        foreach (var fund in funds)
        {
            if (fund.CampaignId == campaignId) return true;
        }

        return false;
    }

    private static int InOrder(UserState state, Candidate a, Candidate b)
    {
        var byEnd = (a.EndsAt ?? DateTimeOffset.MaxValue).CompareTo(b.EndsAt ?? DateTimeOffset.MaxValue);
        var byCompletion = byEnd != 0 ? byEnd : state.Completions[a.CampaignId].CompletedAt.CompareTo(state.Completions[b.CampaignId].CompletedAt);
        return byCompletion != 0 ? byCompletion : string.CompareOrdinal(a.CampaignId, b.CampaignId);
    }

    private static bool CouldPay(UserState state, Candidate candidate, long amount) =>
        state.Completions.TryGetValue(candidate.CampaignId, out var done) && done.Consented && state.HasRoom(done, candidate, amount);

    private static bool Consented(UserState state, Candidate candidate) => state.Completions.GetValueOrDefault(candidate.CampaignId)?.Consented == true;

    private static Rejection Unpaid(UserState state, IReadOnlyList<Candidate> candidates)
    {
        var undone = candidates.Select(f => f.CampaignId).Where(id => !state.Completions.ContainsKey(id)).Distinct(StringComparer.Ordinal).ToList();
        return candidates.Count == 0 ? UserRejection.NoSponsor
            : undone.Count > 0 ? UserRejection.TasksNotDone(undone)
            : candidates.Any(f => Consented(state, f)) ? UserRejection.UsedUp
            : UserRejection.ConsentsWithdrawn;
    }

    /// <param name="unfunded">Why no campaign is in turn, where none is.</param>
    private static Decided InTurn(UserState state, Context context, Guid holdId, string unfunded, long? remaining = null, IReadOnlyList<HoldLine>? limits = null)
    {
        var queue = state.Funds.GetValueOrDefault(holdId);
        return queue?.Exhausted is { } exhausted
            ? Decided.Reject(exhausted)
            : Decided.Accept(new UserReserved(holdId, queue?.Current, state.Profile?.Attributes, queue?.Why ?? unfunded, remaining, Nodes(limits ?? []), Near(state, limits ?? [], context.Now)));
    }

    private static string? Nodes(IEnumerable<HoldLine> lines) => string.Join(' ', lines.Select(l => l.Account)) is { Length: > 0 } nodes ? nodes : null;

    private static string Why(UserState state, Candidate candidate, bool named)
    {
        var done = state.Completions[candidate.CampaignId].CompletedAt.UtcDateTime.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        return named ? $"The request named campaign {candidate.CampaignId}, whose task was completed on {done}."
            : candidate.EndsAt is null ? $"The task of campaign {candidate.CampaignId} was completed on {done}, and none that ends earlier has runs left."
            : $"Of the campaigns whose task was completed and that have runs left, {candidate.CampaignId} ends first; its task was completed on {done}.";
    }
}
