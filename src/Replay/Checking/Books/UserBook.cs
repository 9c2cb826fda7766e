using System.Globalization;
using Agora.Core.Kernel;
using Agora.Core.Nodes;
using Agora.Core.Users;

namespace Agora.Replay.Checking.Books;

/// <summary>
/// No accepted Reserve takes a grant, a day, a month, or a service's or category's share of them above the limit in force. Days and months are the user's own: one that has begun keeps its zone to its end. From the
/// first limit or grant on all that is spent or held counts, whether there is a limit just then or not. The grant is that of the agent at the root, and nobody on the path is suspended. A sponsored run needs the
/// sponsor's task done before it. A raise is in force until its end and no longer. No session is opened under a grant that is over, nor beyond it.
/// </summary>
/// <param name="terms">What a campaign gives a user: runs a completion, and the most money. Null: the campaign's own stream says, and here nothing of it is checked.</param>
public sealed class UserBook(string id, Action<string> broken, Func<string, (long Runs, long? Micros)>? terms = null) : Book(broken)
{
    private const string SponsorRuns = "sponsor runs ";
    private const string SponsorMoney = "sponsor money ";

    private readonly Dictionary<string, Grant> _grants = new(StringComparer.Ordinal);
    private readonly Dictionary<string, GrantRaise?> _grantRaises = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<string>> _paths = new(StringComparer.Ordinal); // Of each session's stream: the agents from the root to its own.
    private readonly Dictionary<string, DateTimeOffset> _suspended = new(StringComparer.Ordinal);
    private readonly HashSet<string> _completed = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, Hold> _holds = [];
    private readonly Dictionary<string, long> _used = new(StringComparer.Ordinal);

    /// <summary>Of the day, and of the month: the zone in which it began, and its name, until it is over there.</summary>
    private readonly (string Format, TimeZoneInfo Zone, string? Begun)[] _periods = [("yyyy-MM-dd", TimeZoneInfo.Utc, null), ("yyyy-MM", TimeZoneInfo.Utc, null)];

    private TimeZoneInfo _zone = TimeZoneInfo.Utc;
    private bool _isZoneKnown = true;
    private bool _counts;
    private long? _dailyCap;
    private long? _monthlyCap;
    private CapRaise? _raise;
    private long _seq;

    /// <summary>Null: the user never had any.</summary>
    public IReadOnlyList<PartCap>? Parts { get; private set; }

    public override void Happened(Committed committed)
    {
        var at = committed.At;
        _seq = committed.Seq;
        switch (committed.Event)
        {
            case UserEvent.UserPut e:
                Put(e, at, isErased: e.Profile is null && committed.IsSealed);
                break;
            case UserEvent.GrantPut e:
                _grants[e.AgentId] = e.View.Grant;
                _grantRaises[e.AgentId] = e.View.Raise;
                Count(at, counts: true);
                break;
            case UserEvent.GrantEnded e:
                _grants.Remove(e.AgentId);
                _grantRaises.Remove(e.AgentId);
                break;
            case UserEvent.PersonalDataErased:
                Move(at, TimeZoneInfo.Utc);
                break;
            case UserEvent.TaskCompleted e:
                Expect(_completed.Add(e.Done.CampaignId), $"User {id} completes the task of {e.Done.CampaignId} twice.");
                break;
            case UserEvent.SessionOpened e:
                Open(committed, e.Session);
                break;
            case UserEvent.PairSuspended e:
                _suspended[e.AgentId] = e.ForSeconds is { } seconds ? at.AddSeconds(seconds) : DateTimeOffset.MaxValue;
                break;
            case UserEvent.PairResumed e:
                _suspended.Remove(e.AgentId);
                break;
            case UserEvent.HoldReserved e:
                Reserve(e, at);
                break;
            case UserEvent.FundPassed e:
                if (_holds.TryGetValue(e.HoldId, out var passed))
                {
                    Sponsor(passed, e.Next);
                }

                break;
            case UserEvent.HoldPosted e:
                End(e.HoldId, e.AmountMicros);
                break;
            case UserEvent.HoldVoided e:
                End(e.HoldId, null);
                break;
            case UserEvent.RefundTaken e:
                Refund(e);
                break;
        }
    }

    /// <param name="period">0: the day; 1: the month.</param>
    public string PeriodAt(int period, DateTimeOffset at)
    {
        var (format, begunIn, begun) = _periods[period];
        return begun is not null && begun == Named(at, begunIn, format) ? begun : Named(at, _zone, format);
    }

    /// <param name="isErased">What was put is not known any more, nor in which zone days begin: they are what the holds say.</param>
    private void Put(UserEvent.UserPut e, DateTimeOffset at, bool isErased)
    {
        Expect(_dailyCap == e.View.DailyCapMicros || e.View.Raise?.DailyCapMicros is null, $"The cap of user {id} is put and raised in one (#{_seq}).");
        (_dailyCap, _monthlyCap, _raise) = (e.View.DailyCapMicros, e.View.MonthlyCapMicros, e.View.Raise);
        Parts = e.Parts ?? (Parts is null ? null : []);
        _isZoneKnown &= TimeZoneInfo.TryFindSystemTimeZoneById(e.Profile?.Read<Profile>()?.TimeZone ?? "UTC", out var zone) && !isErased;
        Move(at, zone ?? TimeZoneInfo.Utc);
        Count(at, counts: (e.DailyCapMicros ?? e.MonthlyCapMicros) is not null || e.Parts is not null);
    }

    private void Open(Committed committed, SessionOpened session)
    {
        var grant = _grants.GetValueOrDefault(session.Path is { Count: > 0 } above ? above[0].AgentId : session.AgentId);
        Expect(!(grant?.ExpiresAt <= committed.At), $"User {id} opens session {session.SessionId} under a grant that is over.");
        Expect(!(session.ExpiresAt > grant?.ExpiresAt), $"Session {session.SessionId} of user {id} goes on after its grant.");
        Expect(session.Path is not null || !(session.BudgetLimitMicros > grant?.BudgetLimitMicros), $"Session {session.SessionId} of user {id} may spend {session.BudgetLimitMicros}, under a grant of {grant?.BudgetLimitMicros}.");
        _paths[(committed.Stream with { Kind = Core.Kinds.Session, Id = session.SessionId }).ToString()] = [.. (session.Path ?? []).Select(node => node.AgentId), session.AgentId];
    }

    private void Reserve(UserEvent.HoldReserved e, DateTimeOffset at)
    {
        var hold = new Hold(e.AmountMicros);
        _holds[e.HoldId] = hold;
        if (!_paths.TryGetValue(e.Owner, out var path))
        {
            Expect(false, $"Hold {e.HoldId} of user {id} is reserved for {e.Owner}, which the user never opened.");
            return;
        }

        Expect(!path.Any(agent => _suspended.GetValueOrDefault(agent) > at), $"Hold {e.HoldId} of user {id} is reserved though an agent of {string.Join(" > ", path)} is suspended.");
        foreach (var (key, limit) in LimitsAt(path[0], at, e.Lines))
        {
            if (e.AmountMicros == 0) break;

            Expect(e.Lines.Any(l => l.Account == key && l.Amount == e.AmountMicros), $"Hold {e.HoldId} of user {id} is not counted against {key}.");
            Use(hold, key, e.AmountMicros, limit);
        }

        foreach (var line in e.Lines)
        {
            if (AccountKeys.PartOf(line.Account) is { } part)
            {
                Use(hold, line.Account, line.Amount, CapOf(part, AccountKeys.IsPartOfDay(line.Account)));
            }
        }

        Sponsor(hold, e.Candidates.Count > 0 ? e.Candidates[0] : null);
    }

    private long? CapOf(string part, bool ofDay)
    {
        var cap = Parts?.FirstOrDefault(cap => cap.Part() == part);
        return ofDay ? cap?.DailyCapMicros : cap?.MonthlyCapMicros;
    }

    private void Sponsor(Hold hold, Candidate? sponsor)
    {
        Release(hold, static key => key.StartsWith("sponsor ", StringComparison.Ordinal), 0);
        if (sponsor is null) return;

        Expect(_completed.Contains(sponsor.CampaignId), $"User {id} is sponsored by {sponsor.CampaignId} without having done its task.");
        if (terms is null) return;

        var (runs, micros) = terms(sponsor.CampaignId);
        Use(hold, SponsorRuns + sponsor.CampaignId, 1, runs);
        Use(hold, SponsorMoney + sponsor.CampaignId, hold.Amount, micros);
    }

    private void Use(Hold hold, string key, long amount, long? limit)
    {
        hold.Lines.Add((key, amount));
        _used[key] = _used.GetValueOrDefault(key) + amount;
        Expect(limit is null || _used[key] <= limit, $"User {id} overspends: {key} stands at {_used[key]} of {limit} (#{_seq}).");
    }

    private void End(Guid holdId, long? posted)
    {
        if (_holds.Remove(holdId, out var hold))
        {
            Release(hold, key => posted is null || !key.StartsWith(SponsorRuns, StringComparison.Ordinal), posted ?? 0);
        }
    }

    private void Refund(UserEvent.RefundTaken e)
    {
        foreach (var key in e.Accounts.Split(' '))
        {
            if (!_used.TryGetValue(key, out var used) && (!_isZoneKnown || AccountKeys.PartOf(key) is not null)) continue; // in a day whose name is not known, or reserved before any part had a cap

            _used[key] = used - e.AmountMicros;
            Expect(used >= e.AmountMicros, $"User {id} gets {e.AmountMicros} back on {key}, where less was spent (#{_seq}).");
        }
    }

    private IEnumerable<(string Key, long? Limit)> LimitsAt(string agent, DateTimeOffset at, IReadOnlyList<HoldLine> lines)
    {
        if (!_counts) return [];

        var day = Said(AccountKeys.IsDay) ?? "day:" + PeriodAt(0, at);
        var month = Said(AccountKeys.IsMonth) ?? "month:" + PeriodAt(1, at);
        (string Key, long? Limit)[] all = [(day, InForce(_dailyCap, _raise?.DailyCapMicros, _raise?.Until)), (month, InForce(_monthlyCap, _raise?.MonthlyCapMicros, _raise?.Until))];
        var raise = _grantRaises.GetValueOrDefault(agent);
        return _grants.TryGetValue(agent, out var grant) ? [($"grant:{agent}", InForce(grant.TotalLimitMicros, raise?.TotalLimitMicros, raise?.Until)), .. all] : all;

        string? Said(Func<string, bool> isPeriod) => _isZoneKnown ? null : lines.FirstOrDefault(line => isPeriod(line.Account))?.Account;

        long? InForce(long? cap, long? raised, DateTimeOffset? until) => raised is not null && until > at ? raised : cap;
    }

    /// <summary>What has begun is seen to its end in the zone in which it began.</summary>
    private void Move(DateTimeOffset at, TimeZoneInfo zone)
    {
        for (var i = 0; i < _periods.Length; i++)
        {
            var (format, begunIn, begun) = _periods[i];
            _periods[i] = (format, begun is not null && begun == Named(at, begunIn, format) ? begunIn : _zone, PeriodAt(i, at));
        }

        _zone = zone;
        if (_counts) return;

        _periods[0].Begun = null;
        _periods[1].Begun = null;
    }

    /// <summary>Of a user who had no limit yet, what is held counts as well.</summary>
    private void Count(DateTimeOffset at, bool counts)
    {
        if (_counts || !counts) return;

        _counts = true;
        foreach (var hold in _holds.Values.Where(hold => hold.Amount > 0))
        {
            foreach (var key in new[] { "day:" + PeriodAt(0, at), "month:" + PeriodAt(1, at) })
            {
                hold.Lines.Add((key, hold.Amount));
                _used[key] = _used.GetValueOrDefault(key) + hold.Amount;
            }
        }
    }

    private static string Named(DateTimeOffset at, TimeZoneInfo zone, string format) => TimeZoneInfo.ConvertTime(at, zone).ToString(format, CultureInfo.InvariantCulture);

    private void Release(Hold hold, Func<string, bool> which, long kept)
    {
        foreach (var (key, amount) in hold.Lines.Where(line => which(line.Key)))
        {
            _used[key] -= amount - kept;
        }

        hold.Lines.RemoveAll(line => which(line.Key));
    }

    private sealed record Hold(long Amount)
    {
        public List<(string Key, long Amount)> Lines { get; } = [];
    }
}
