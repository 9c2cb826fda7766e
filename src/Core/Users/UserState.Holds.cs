using System.Collections.Immutable;
using Agora.Core.Kernel;

namespace Agora.Core.Users;

/// <summary>How holds move the accounts: each line of a hold is kept on its account until the hold is decided, whole.</summary>
public sealed partial record UserState
{
    private UserState Reserve(UserEvent.HoldReserved e, DateTimeOffset at)
    {
        var first = e.Candidates.Count > 0 ? e.Candidates[0] : null;
        var hold = new Hold(e.HoldId, e.Owner, e.RunId, [], at);
        var state = Forgiven(e.AgentId).WithoutPast(e.Lines, at) with
        {
            Holds = Holds.Add(hold),
            Funds = first is null ? Funds : Funds.Add(e.HoldId, new([.. e.Candidates], 0, e.Why)),
        };
        state = e.Lines.Aggregate(state, (s, line) => s.Keep(e.HoldId, line, s.LimitInForce(line.Account)));
        return first is null ? state : state.KeepRun(e.HoldId, first, e.AmountMicros);
    }

    private UserState Pass(UserEvent.FundPassed e)
    {
        var queue = Funds[e.HoldId];
        var hold = Holds.Open[e.HoldId];
        string[] keys = [AccountKeys.Runs(e.CampaignId), AccountKeys.Micros(e.CampaignId)];
        var released = hold.Lines.Where(l => keys.Contains(l.Account, StringComparer.Ordinal)).ToList();
        var amount = released.Single(l => !AccountKeys.CountsRuns(l.Account)).Amount;
        var turn = e.Next is { } next ? queue.Candidates.IndexOf(queue.Candidates.Single(c => c.CampaignId == next.CampaignId)) : queue.Candidates.Length;
        var state = this with
        {
            Accounts = released.Aggregate(Accounts, (accounts, line) => accounts.SetItem(line.Account, accounts[line.Account].Void(line.Amount))),
            Holds = Holds with { Open = Holds.Open.SetItem(hold.Id, hold with { Lines = hold.Lines.RemoveRange(released) }) },
            Funds = Funds.SetItem(e.HoldId, queue with { Turn = turn, Why = e.Why ?? queue.Why, Exhausted = e.Exhausted }),
        };
        return e.Next is null ? state : state.KeepRun(e.HoldId, e.Next, amount);
    }

    /// <param name="posted">Null: the hold is voided.</param>
    private UserState Decide(Guid holdId, long? posted, DateTimeOffset at)
    {
        var accounts = Accounts;
        if (Holds.Open.TryGetValue(holdId, out var hold))
        {
            foreach (var line in hold.Lines)
            {
                var account = accounts[line.Account];
                var spent = AccountKeys.CountsRuns(line.Account) ? line.Amount : posted;
                accounts = accounts.SetItem(line.Account, posted is null ? account.Void(line.Amount) : account.Post(line.Amount, spent.GetValueOrDefault()));
            }
        }

        return this with { Accounts = accounts, Holds = Holds.Decide(holdId, posted is not null, at), Funds = Funds.Remove(holdId) };
    }

    private UserState KeepRun(Guid holdId, Candidate candidate, long amount) => this
        .Keep(holdId, new(AccountKeys.Runs(candidate.CampaignId), 1), candidate.RunsPerCompletion)
        .Keep(holdId, new(AccountKeys.Micros(candidate.CampaignId), amount), candidate.MaxMicrosPerUser);

    private UserState Keep(Guid holdId, HoldLine line, long? limit)
    {
        var hold = Holds.Open[holdId];
        return this with
        {
            Accounts = Accounts.SetItem(line.Account, Node(line.Account, limit).Reserve(line.Amount)),
            Holds = Holds with { Open = Holds.Open.SetItem(holdId, hold with { Lines = hold.Lines.Add(line) }) },
        };
    }

    private long? LimitInForce(string key) =>
        AccountKeys.IsDay(key) ? DailyCapMicros
        : AccountKeys.IsMonth(key) ? MonthlyCapMicros
        : Grants[AccountKeys.AgentOf(key)].TotalLimitMicros;

    /// <summary>Looked for only when a period begins: a run costs no walk over all accounts.</summary>
    private UserState WithoutPast(IReadOnlyList<HoldLine> lines, DateTimeOffset at) => lines.All(l => Accounts.ContainsKey(l.Account))
        ? this
        : this with { Accounts = Accounts.RemoveRange(Accounts.Where(a => a.Value.Held == 0 && AccountKeys.IsPast(a.Key, at)).Select(a => a.Key)) };
}
