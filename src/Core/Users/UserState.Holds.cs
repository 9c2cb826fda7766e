using System.Collections.Immutable;
using Agora.Core.Kernel;
using Agora.Core.Nodes;

namespace Agora.Core.Users;

/// <summary>How holds move the accounts: each line of a hold is kept on its account until the hold is decided, whole.</summary>
public sealed partial record UserState
{
    private UserState Reserve(UserEvent.HoldReserved e, DateTimeOffset at)
    {
        var first = e.Candidates.Count > 0 ? e.Candidates[0] : null;
        var state = (Pairs.IsEmpty ? this : Forgiven(AnswersFor(StreamId.Parse(e.Owner).Id, e.AgentId))).WithoutPast(e.Lines, at);
        var accounts = state.Accounts.ToBuilder();
        var lines = ImmutableArray.CreateBuilder<HoldLine>(e.Lines.Count + 2);
        foreach (var line in e.Lines)
        {
            Keep(accounts, lines, line, state.LimitInForce(line.Account, at));
        }

        if (first is not null)
        {
            KeepRun(accounts, lines, first, e.AmountMicros);
        }

        return state with
        {
            Accounts = accounts.ToImmutable(),
            Holds = Holds.Add(new(e.HoldId, e.Owner, e.RunId, lines.DrainToImmutable(), at, AmountMicros: e.AmountMicros, Grantee: Ungranted(e.Owner, e.AgentId, e.AmountMicros, e.Lines))),
            Funds = first is null ? Funds : Funds.Add(e.HoldId, new([.. e.Candidates], 0, e.Why)),
        };
    }

    private UserState Pass(UserEvent.FundPassed e)
    {
        var queue = Funds[e.HoldId];
        var hold = Holds.Open[e.HoldId];
        var (runs, micros) = (AccountKeys.Runs(e.CampaignId), AccountKeys.Micros(e.CampaignId));
        var accounts = Accounts.ToBuilder();
        var lines = hold.Lines.ToBuilder();
        foreach (var line in hold.Lines.Where(l => l.Account == runs || l.Account == micros))
        {
            accounts[line.Account] = accounts[line.Account].Void(line.Amount);
            lines.Remove(line);
        }

        var turn = queue.Candidates.Length;
        if (e.Next is { } next)
        {
            turn = queue.Candidates.IndexOf(queue.Candidates.Single(c => c.CampaignId == next.CampaignId));
            KeepRun(accounts, lines, next, hold.Lines.Single(l => l.Account == micros).Amount);
        }

        return this with
        {
            Accounts = accounts.ToImmutable(),
            Holds = Holds with { Open = Holds.Open.SetItem(hold.Id, hold with { Lines = lines.ToImmutable() }) },
            Funds = Funds.SetItem(e.HoldId, queue with { Turn = turn, Why = e.Why ?? queue.Why, Exhausted = e.Exhausted }),
        };
    }

    /// <param name="posted">Null: the hold is voided.</param>
    private UserState Decide(Guid holdId, long? posted, DateTimeOffset at)
    {
        var holds = Holds.Decide(holdId, posted is not null, at);
        if (!Holds.Open.TryGetValue(holdId, out var hold)) return this with { Holds = holds };

        var accounts = Accounts.ToBuilder();
        foreach (var line in hold.Lines)
        {
            var spent = posted is not null && AccountKeys.CountsRuns(line.Account) ? line.Amount : posted;
            accounts[line.Account] = accounts[line.Account].End(line.Amount, spent);
        }

        return this with { Accounts = accounts.ToImmutable(), Holds = holds, Funds = Funds.Remove(holdId) };
    }

    private static void KeepRun(ImmutableSortedDictionary<string, Account>.Builder accounts, ImmutableArray<HoldLine>.Builder lines, Candidate candidate, long amount)
    {
        Keep(accounts, lines, new(AccountKeys.Runs(candidate.CampaignId), 1), candidate.RunsPerCompletion);
        Keep(accounts, lines, new(AccountKeys.Micros(candidate.CampaignId), amount), candidate.MaxMicrosPerUser);
    }

    private static void Keep(ImmutableSortedDictionary<string, Account>.Builder accounts, ImmutableArray<HoldLine>.Builder lines, HoldLine line, long? limit)
    {
        var account = accounts.TryGetValue(line.Account, out var known) ? known : Account.Unlimited;
        accounts[line.Account] = account.SetLimit(limit).Reserve(line.Amount);
        lines.Add(line);
    }

    public long? LimitInForce(string key, DateTimeOffset at) =>
        CountsParts && AccountKeys.PartOf(key) is { } part ? (AccountKeys.IsPartOfDay(key) ? CapOf(part)?.DailyCapMicros : CapOf(part)?.MonthlyCapMicros)
        : AccountKeys.IsDay(key) ? DailyCapAt(at)
        : AccountKeys.IsMonth(key) ? MonthlyCapAt(at)
        : TotalLimitAt(AccountKeys.AgentOf(key), at);

    /// <summary>Null: the service or category has none now.</summary>
    public PartCap? CapOf(string part)
    {
        foreach (var cap in Parts ?? [])
        {
            if (cap.Part() == part) return cap;
        }

        return null;
    }

    /// <summary>Looked for only when a period begins: a run costs no walk over all accounts.</summary>
    private UserState WithoutPast(IReadOnlyList<HoldLine> lines, DateTimeOffset at)
    {
        foreach (var line in lines)
        {
            if (!Accounts.ContainsKey(line.Account))
            {
                return this with { Accounts = Accounts.RemoveRange(Accounts.Where(a => a.Value.Held == 0 && AccountKeys.IsPast(a.Key, at)).Select(a => a.Key)) };
            }
        }

        return this;
    }
}
