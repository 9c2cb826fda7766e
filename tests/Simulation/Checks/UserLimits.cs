using System.Globalization;
using Agora.Core;
using Agora.Core.Nodes;
using Agora.Core.Runs;
using Agora.Core.Users;
using Agora.Simulation.Clients;

namespace Agora.Simulation.Checks;

/// <summary>
/// No accepted Reserve takes a grant, a day, a month, a campaign's runs or its money for one user above the limit in force.
/// Days and months are the user's own: one that has begun keeps its zone to its end. From the first limit or grant on all that is spent or held counts, whether there is a
/// limit just then or not. The grant is that of the agent at the root, and nobody on the path is suspended. A sponsored run needs the sponsor's task done before it.
/// A raise is in force until its end and no longer. No session is opened under a grant that is over, nor beyond it.
/// </summary>
public sealed class UserLimits(Catalogue catalogue, Findings findings) : IChecker
{
    private readonly SortedDictionary<string, Book> _books = new(StringComparer.Ordinal);
    private readonly PartBudgets _parts = new(findings);

    public void Happened(Committed committed)
    {
        if (committed.Event is RunEvent.Requested requested)
        {
            _parts.Requested(requested);
        }

        if (committed.Event is not UserEvent happened) return;

        if (!_books.TryGetValue(committed.Stream.Id, out var book))
        {
            _books.Add(committed.Stream.Id, book = new());
        }

        switch (happened)
        {
            case UserEvent.UserPut e:
                findings.Expect(book.DailyCap == e.View.DailyCapMicros || e.View.Raise?.DailyCapMicros is null, $"The cap of user {committed.Stream.Id} is put and raised in one (#{committed.Seq}).");
                (book.DailyCap, book.MonthlyCap, book.Raise) = (e.View.DailyCapMicros, e.View.MonthlyCapMicros, e.View.Raise);
                book.Parts = e.Parts ?? (book.Parts is null ? null : []);
                book.Move(committed.At, TimeZoneInfo.FindSystemTimeZoneById(e.Profile?.Read<Profile>()?.TimeZone ?? "UTC"));
                book.Count(committed.At, counts: (e.DailyCapMicros ?? e.MonthlyCapMicros) is not null || e.Parts is not null);
                break;
            case UserEvent.GrantPut e:
                book.Grants[e.AgentId] = e.View.Grant;
                book.GrantRaises[e.AgentId] = e.View.Raise;
                book.Count(committed.At, counts: true);
                break;
            case UserEvent.GrantEnded e:
                book.Grants.Remove(e.AgentId);
                book.GrantRaises.Remove(e.AgentId);
                break;
            case UserEvent.PersonalDataErased:
                book.Move(committed.At, TimeZoneInfo.Utc);
                break;
            case UserEvent.TaskCompleted e:
                findings.Expect(book.Completed.Add(e.Done.CampaignId), $"User {committed.Stream.Id} completes the task of {e.Done.CampaignId} twice.");
                break;
            case UserEvent.SessionOpened e:
                Open(committed, book.Grants.GetValueOrDefault(e.Session.Path is { Count: > 0 } above ? above[0].AgentId : e.Session.AgentId), e.Session);
                book.Paths[(committed.Stream with { Kind = Kinds.Session, Id = e.Session.SessionId }).ToString()] = [.. (e.Session.Path ?? []).Select(node => node.AgentId), e.Session.AgentId];
                break;
            case UserEvent.PairSuspended e:
                book.Suspended[e.AgentId] = e.ForSeconds is { } seconds ? committed.At.AddSeconds(seconds) : DateTimeOffset.MaxValue;
                break;
            case UserEvent.PairResumed e:
                book.Suspended.Remove(e.AgentId);
                break;
            case UserEvent.HoldReserved e:
                Reserve(committed, book, e);
                _parts.Reserved(committed, e, book.Parts, book.PeriodAt(0, committed.At), book.PeriodAt(1, committed.At));
                break;
            case UserEvent.FundPassed e:
                Sponsor(committed, book, book.Holds[e.HoldId], e.Next);
                break;
            case UserEvent.HoldPosted e:
                End(book, e.HoldId, e.AmountMicros);
                _parts.Ended(committed, e.HoldId, e.AmountMicros);
                break;
            case UserEvent.HoldVoided e:
                End(book, e.HoldId, null);
                _parts.Ended(committed, e.HoldId, null);
                break;
            case UserEvent.RefundTaken e:
                Refund(committed, book, e);
                _parts.Refunded(committed, e.RunId, e.AmountMicros);
                break;
        }
    }

    public void Rest() => _parts.Rest();

    private void Open(Committed committed, Grant? grant, SessionOpened session)
    {
        findings.Expect(!(grant?.ExpiresAt <= committed.At), $"User {committed.Stream.Id} opens session {session.SessionId} under a grant that is over.");
        findings.Expect(!(session.ExpiresAt > grant?.ExpiresAt), $"Session {session.SessionId} of user {committed.Stream.Id} goes on after its grant.");
        findings.Expect(session.Path is not null || !(session.BudgetLimitMicros > grant?.BudgetLimitMicros), $"Session {session.SessionId} of user {committed.Stream.Id} may spend {session.BudgetLimitMicros}, under a grant of {grant?.BudgetLimitMicros}.");
    }

    private void Reserve(Committed committed, Book book, UserEvent.HoldReserved e)
    {
        var hold = new Hold(e.AmountMicros);
        book.Holds[e.HoldId] = hold;
        var path = book.Paths[e.Owner];
        findings.Expect(!path.Any(agent => book.Suspended.GetValueOrDefault(agent) > committed.At), $"Hold {e.HoldId} of user {committed.Stream.Id} is reserved though an agent of {string.Join(" > ", path)} is suspended.");
        foreach (var (key, limit) in book.LimitsAt(path[0], committed.At).Where(_ => e.AmountMicros > 0))
        {
            findings.Expect(e.Lines.Any(l => l.Account == key && l.Amount == e.AmountMicros), $"Hold {e.HoldId} of user {committed.Stream.Id} is not counted against {key}.");
            Use(committed, book, hold, key, e.AmountMicros, limit);
        }

        Sponsor(committed, book, hold, e.Candidates.Count > 0 ? e.Candidates[0] : null);
    }

    private void Sponsor(Committed committed, Book book, Hold hold, Candidate? sponsor)
    {
        book.Release(hold, key => key.StartsWith("sponsor ", StringComparison.Ordinal));
        if (sponsor is null) return;

        var terms = catalogue.Campaign(sponsor.CampaignId);
        findings.Expect(book.Completed.Contains(sponsor.CampaignId), $"User {committed.Stream.Id} is sponsored by {sponsor.CampaignId} without having done its task.");
        Use(committed, book, hold, $"sponsor runs {sponsor.CampaignId}", 1, terms.RunsPerCompletion);
        Use(committed, book, hold, $"sponsor money {sponsor.CampaignId}", hold.Amount, terms.MaxMicrosPerUser);
    }

    private void Use(Committed committed, Book book, Hold hold, string key, long amount, long? limit)
    {
        hold.Lines.Add((key, amount));
        book.Used[key] = book.Used.GetValueOrDefault(key) + amount;
        findings.Expect(limit is null || book.Used[key] <= limit, $"User {committed.Stream.Id} overspends: {key} stands at {book.Used[key]} of {limit} (#{committed.Seq}).");
    }

    private static void End(Book book, Guid holdId, long? posted)
    {
        if (book.Holds.Remove(holdId, out var hold))
        {
            book.Release(hold, key => posted is null || !key.StartsWith("sponsor runs", StringComparison.Ordinal), posted ?? 0);
        }
    }

    private void Refund(Committed committed, Book book, UserEvent.RefundTaken e)
    {
        foreach (var key in e.Accounts.Split(' ').Where(key => AccountKeys.PartOf(key) is null)) // PartBudgets counts those
        {
            book.Used[key] = book.Used.GetValueOrDefault(key) - e.AmountMicros;
            findings.Expect(book.Used[key] >= 0, $"User {committed.Stream.Id} gets {e.AmountMicros} back on {key}, where less was spent (#{committed.Seq}).");
        }
    }

    private sealed class Book
    {
        public long? DailyCap { get; set; }

        public long? MonthlyCap { get; set; }

        /// <summary>Null: the user never had any.</summary>
        public IReadOnlyList<PartCap>? Parts { get; set; }

        public CapRaise? Raise { get; set; }

        public Dictionary<string, GrantRaise?> GrantRaises { get; } = new(StringComparer.Ordinal);

        /// <summary>Of the day, and of the month: the zone in which it began, and its name, until it is over there.</summary>
        private readonly (string Format, TimeZoneInfo Zone, string? Begun)[] _periods = [("yyyy-MM-dd", TimeZoneInfo.Utc, null), ("yyyy-MM", TimeZoneInfo.Utc, null)];

        private TimeZoneInfo _zone = TimeZoneInfo.Utc;

        private bool _counts;

        public Dictionary<string, Grant> Grants { get; } = new(StringComparer.Ordinal);

        /// <summary>Of each session's stream: the agents from the root to its own. The root's grant binds.</summary>
        public Dictionary<string, IReadOnlyList<string>> Paths { get; } = new(StringComparer.Ordinal);

        public Dictionary<string, DateTimeOffset> Suspended { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Completed { get; } = new(StringComparer.Ordinal);

        public Dictionary<Guid, Hold> Holds { get; } = [];

        public Dictionary<string, long> Used { get; } = new(StringComparer.Ordinal);

        public IEnumerable<(string Key, long? Limit)> LimitsAt(string agent, DateTimeOffset at)
        {
            if (!_counts) return [];

            (string Key, long? Limit)[] all = [("day:" + PeriodAt(0, at), InForce(DailyCap, Raise?.DailyCapMicros, Raise?.Until)), ("month:" + PeriodAt(1, at), InForce(MonthlyCap, Raise?.MonthlyCapMicros, Raise?.Until))];
            var raise = GrantRaises.GetValueOrDefault(agent);
            return Grants.TryGetValue(agent, out var grant) ? [($"grant:{agent}", InForce(grant.TotalLimitMicros, raise?.TotalLimitMicros, raise?.Until)), .. all] : all;

            long? InForce(long? cap, long? raised, DateTimeOffset? until) => raised is not null && until > at ? raised : cap;
        }

        /// <summary>What has begun is seen to its end in the zone in which it began.</summary>
        public void Move(DateTimeOffset at, TimeZoneInfo zone)
        {
            for (var i = 0; i < _periods.Length; i++)
            {
                var (format, begunIn, begun) = _periods[i];
                _periods[i] = (format, begun is not null && begun == Named(at, begunIn, format) ? begunIn : _zone, PeriodAt(i, at));
            }

            _zone = zone;
            if (!_counts)
            {
                Array.ForEach([0, 1], i => _periods[i].Begun = null);
            }
        }

        /// <summary>Of a user who had no limit yet, what is held counts as well.</summary>
        public void Count(DateTimeOffset at, bool counts)
        {
            if (_counts || !counts) return;

            _counts = true;
            foreach (var hold in Holds.Values.Where(hold => hold.Amount > 0))
            {
                foreach (var key in new[] { "day:" + PeriodAt(0, at), "month:" + PeriodAt(1, at) })
                {
                    hold.Lines.Add((key, hold.Amount));
                    Used[key] = Used.GetValueOrDefault(key) + hold.Amount;
                }
            }
        }

        public string PeriodAt(int period, DateTimeOffset at)
        {
            var (format, begunIn, begun) = _periods[period];
            return begun is not null && begun == Named(at, begunIn, format) ? begun : Named(at, _zone, format);
        }

        private static string Named(DateTimeOffset at, TimeZoneInfo zone, string format) => TimeZoneInfo.ConvertTime(at, zone).ToString(format, CultureInfo.InvariantCulture);

        public void Release(Hold hold, Func<string, bool> which, long kept = 0)
        {
            foreach (var (key, amount) in hold.Lines.Where(l => which(l.Key)))
            {
                Used[key] -= amount - kept;
            }

            hold.Lines.RemoveAll(l => which(l.Key));
        }
    }

    private sealed record Hold(long Amount)
    {
        public List<(string Key, long Amount)> Lines { get; } = [];
    }
}
