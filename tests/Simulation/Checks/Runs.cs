using Agora.Core;
using Agora.Core.Campaigns;
using Agora.Core.Kernel;
using Agora.Core.Runs;
using Agora.Core.Sessions;
using Agora.Core.Users;
using Agora.Core.Wallets;
using Agora.Simulation.Cluster;

namespace Agora.Simulation.Checks;

/// <summary>
/// A run and its holds at other nodes. A hold is reserved once and decided once; once its session knows that the node follows,
/// it is never open again; at rest a posted run is posted once at its user, at each session above its own and, when it costs something that somebody here pays, at one campaign or payer's wallet, for the
/// same amount, and a run that failed, was refused or never became durable costs nothing anywhere.
/// </summary>
public sealed class Runs(Findings findings) : IChecker
{
    private readonly SortedDictionary<Guid, NodeHold> _holds = [];
    private readonly HashSet<Guid> _ofRefunds = [];
    private readonly SortedDictionary<Guid, Run> _runs = [];
    private readonly HashSet<Guid> _followed = [];
    private readonly List<Guid> _toldAll = [];
    private readonly HashSet<Guid> _disowned = [];
    private readonly Dictionary<string, IReadOnlyList<string>> _paths = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, List<NodeHold>> _attempts = [];
    private readonly Dictionary<Guid, int> _calls = [];

    public int Posted => _runs.Values.Count(r => r.Concluded is { Posted: true });

    public int Failed => _runs.Values.Count(r => r.Concluded is { Posted: false });

    public int Refused => _runs.Values.Count(r => r is { Concluded: null, Refused: true });

    public bool Knows(Guid runId) => _attempts.ContainsKey(runId) || _runs.ContainsKey(runId);

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case UserEvent.HoldReserved e:
                Reserve(committed.Stream, e.HoldId, e.RunId, e.AmountMicros);
                (_holds[e.HoldId].Names, _holds[e.HoldId].Owner) = (e.Candidates.Count > 0 ? e.Candidates[0].CampaignId : null, StreamId.Parse(e.Owner).Id);
                _attempts.TryAdd(e.RunId, []);
                _attempts[e.RunId].Add(_holds[e.HoldId]);
                break;
            case UserEvent.FundPassed e:
                _holds[e.HoldId].Names = e.Next?.CampaignId;
                break;
            case CampaignEvent.HoldReserved e:
                Reserve(committed.Stream, e.HoldId, e.RunId, e.AmountMicros);
                break;
            case SessionEvent.Begun e:
                _paths[committed.Stream.Id] = [.. (e.Path ?? []).Select(node => node.SessionId)];
                break;
            case SessionEvent.HoldReserved e:
                Reserve(committed.Stream, e.HoldId, e.RunId, e.AmountMicros);
                break;
            case SessionEvent.HoldPosted e:
                Decide(committed.Stream, e.HoldId, e.AmountMicros);
                break;
            case SessionEvent.HoldVoided e:
                Decide(committed.Stream, e.HoldId, null);
                break;
            case UserEvent.HoldPosted e:
                Decide(committed.Stream, e.HoldId, e.AmountMicros);
                break;
            case CampaignEvent.HoldPosted e:
                Decide(committed.Stream, e.HoldId, e.AmountMicros);
                break;
            case UserEvent.HoldVoided e:
                Decide(committed.Stream, e.HoldId, null);
                break;
            case CampaignEvent.HoldVoided e:
                Decide(committed.Stream, e.HoldId, null);
                break;
            case WalletEvent.PaymentPresented e:
                Reserve(committed.Stream, e.HoldId, e.RunId, e.AmountMicros);
                break;
            case WalletEvent.PaymentRefused e:
                Decide(committed.Stream, e.HoldId, null);
                break;
            case WalletEvent.PaymentUnresolved e:
                Decide(committed.Stream, e.HoldId, null);
                break;
            case WalletEvent.HoldReserved e when StreamId.Parse(e.Owner).Kind == Kinds.Session:
                Reserve(committed.Stream, e.HoldId, e.RunId, e.AmountMicros);
                break;
            case WalletEvent.HoldReserved e:
                _ofRefunds.Add(e.HoldId);
                break;
            case WalletEvent.HoldPosted e when !_ofRefunds.Contains(e.HoldId):
                Decide(committed.Stream, e.HoldId, e.AmountMicros);
                break;
            case WalletEvent.HoldVoided e when !_ofRefunds.Contains(e.HoldId):
                Decide(committed.Stream, e.HoldId, null);
                break;
            case RunEvent.Requested e:
                RunOf(e.RunId).Request(e, _paths[committed.Stream.Id]);
                break;
            case RunEvent.Approved e:
                RunOf(e.Run.RunId).Request(e.Run, _paths[committed.Stream.Id]);
                break;
            case RunEvent.AwaitsApproval e:
                RunOf(e.Run.RunId).Refused = true;
                break;
            case RunEvent.FundChosen e:
                RunOf(e.RunId).Funds.Add(e.FundHold);
                break;
            case RunEvent.WalletChosen e:
                RunOf(e.RunId).Funds.Add(e.FundHold);
                break;
            case RunEvent.Concluded e:
                RunOf(e.RunId).Concluded = e;
                break;
            case RunEvent.Refused e:
                RunOf(e.RunId).Refused = true;
                break;
            case RunEvent.NodeFollowed e:
                _followed.Add(e.HoldId);
                break;
            case RunEvent.NodesFollowed e:
                _followed.UnionWith(e.Holds);
                if (RunOf(e.RunId) is { Concluded: not null } or { Refused: true }) _toldAll.AddRange(RunOf(e.RunId).Funds); // a guess that was left may follow before the run is decided
                break;
        }
    }

    public void Point()
    {
        foreach (var hold in _holds.Values.Where(h => h.Open && _followed.Contains(h.Id)))
        {
            findings.Add($"Hold {hold.Id} of run {hold.RunId} is open at {hold.Node} after the node had followed the run's decision.");
        }

        foreach (var hold in _toldAll.Select(id => _holds.GetValueOrDefault(id)).Where(h => h is { Open: true } && !LiveStates.Declined.Contains(h.Id)))
        {
            findings.Add($"Hold {hold!.Id} of run {hold.RunId} is open at {hold.Node}, which was asked and never told, after all that were told had followed the run's decision.");
        }

        _toldAll.Clear();
        foreach (var hold in _disowned.Select(id => _holds.GetValueOrDefault(id)).Where(h => h?.Posted is not null))
        {
            findings.Add($"Hold {hold!.Id} of run {hold.RunId} is posted at {hold.Node} after its session had said that it was void.");
        }
    }

    /// <summary>Its session said that the hold is void: nothing may ever come of it. One that is posted already is forgotten there.</summary>
    public void Disowned(Guid hold)
    {
        if (_holds.GetValueOrDefault(hold)?.Posted is null)
        {
            _disowned.Add(hold);
        }
    }

    public void Rest()
    {
        foreach (var hold in _holds.Values.Where(h => h.Open))
        {
            findings.Add($"Hold {hold.Id} of run {hold.RunId} is left open at {hold.Node}.");
        }

        var posted = _holds.Values.Where(h => h.Posted is not null).ToLookup(h => h.RunId);
        foreach (var (id, run) in _runs)
        {
            Agree(id, run.Concluded is { Posted: true } concluded ? concluded : null, isFunded: run is not { Requested.PriceMicros: 0 } and not { IsUnfunded: true }, run.Above, [.. posted[id]]);
        }

        findings.Expect(posted.All(p => _runs.ContainsKey(p.Key)), "A hold is posted for a run that no session knows.");
    }

    /// <summary>
    /// Called when a service sees a run: by then every hold of it must have become durable; its request may ride, and be lost. An activation that has
    /// lost its place since may still call for a run that another one voided: no fence can hold a call that is on its way, the
    /// service then works for nothing, and no money moves. Each attempt has a hold of its own at the user, and calls once.
    /// </summary>
    public void Called(Guid runId)
    {
        IsHeld(runId, "The service");
        if (!_attempts.TryGetValue(runId, out var attempts)) return;

        findings.Expect((_calls[runId] = _calls.GetValueOrDefault(runId) + 1) <= attempts.Count, $"The service was called {_calls[runId]} times for run {runId}, which was begun {attempts.Count} times.");
    }

    /// <summary>Called when a provider is sent what a run asks of a model: as of services, but that limits alone hold what nobody is charged for.</summary>
    public void CalledModel(Guid runId) => IsHeld(runId, "The model");

    private void IsHeld(Guid runId, string what)
    {
        if (!_attempts.TryGetValue(runId, out var attempts))
        {
            findings.Add($"{what} was called for run {runId} without a hold on its user's limits.");
            return;
        }

        var run = _runs.GetValueOrDefault(runId);
        var open = _holds.Values.Where(h => h.RunId == runId && (h.Open || run is { Concluded: not null } or { Refused: true })).ToList();
        findings.Expect(attempts.Any(user => HoldsAll(user, open, run?.IsUnfunded == true)), $"{what} was called for run {runId} without a hold, of its price, at its user, the fund that the user's stream named, and each session above.");
    }

    private bool HoldsAll(NodeHold user, List<NodeHold> open, bool isUnfunded) =>
        open.Contains(user)
        && (user.Amount == 0 || isUnfunded || open.Any(h => h.Amount == user.Amount && (user.Names is null ? h.Node.Kind == Kinds.Wallet : h.Node.Kind == Kinds.Campaign && h.Node.Id == user.Names)))
        && _paths[user.Owner!].All(id => open.Any(h => h.Amount == user.Amount && h.Node.Kind == Kinds.Session && h.Node.Id == id));

    private void Reserve(StreamId node, Guid id, Guid runId, long amount)
    {
        findings.Expect(!_holds.ContainsKey(id), $"Hold {id} of run {runId} is reserved at {node} though it was reserved or voided there before.");
        _holds[id] = new(id, node, runId, amount);
    }

    private void Decide(StreamId node, Guid id, long? posted)
    {
        if (!_holds.TryGetValue(id, out var hold))
        {
            findings.Expect(posted is null, $"Hold {id} is posted at {node}, where it was never reserved.");
            _holds.Add(id, new(id, node, Guid.Empty, 0) { Open = false });
            return;
        }

        findings.Expect(hold.Open, $"Hold {id} of run {hold.RunId} is decided twice at {node}.");
        findings.Expect(!(posted > hold.Amount), $"Hold {id} of run {hold.RunId} holds {hold.Amount} and is posted for {posted} at {node}.");
        (hold.Open, hold.Posted) = (false, posted);
    }

    private void Agree(Guid id, RunEvent.Concluded? concluded, bool isFunded, IReadOnlyList<string> above, IReadOnlyList<NodeHold> posted)
    {
        var (users, funds) = (posted.Where(h => h.Node.Kind == Kinds.User).ToList(), posted.Where(h => h.Node.Kind is Kinds.Campaign or Kinds.Wallet).ToList());
        if (concluded is null)
        {
            findings.Expect(posted.Count == 0, $"Run {id} was not posted by its session, but at {posted.FirstOrDefault()?.Node}.");
            return;
        }

        var sessions = posted.Where(h => h.Node.Kind == Kinds.Session).ToList();
        findings.Expect(
            sessions.Count == above.Count && sessions.All(h => above.Contains(h.Node.Id) && h.Posted == concluded.AmountMicros),
            $"Run {id} was posted for {concluded.AmountMicros} and {sessions.Count} times, for {sessions.Sum(h => h.Posted)}, at the {above.Count} sessions above.");
        findings.Expect(users is [{ } user] && user.Posted == concluded.AmountMicros, $"Run {id} was posted for {concluded.AmountMicros} and {users.Count} times, for {users.Sum(h => h.Posted)}, at its user.");
        findings.Expect(
            !isFunded ? funds.Count == 0 : funds is [{ } fund] && fund.Posted == concluded.AmountMicros && fund.Node.Id == concluded.Payment?.PayerId,
            $"Run {id} was posted for {concluded.AmountMicros} and {funds.Count} times, for {funds.Sum(h => h.Posted)}, at funds.");
    }

    private Run RunOf(Guid id)
    {
        if (!_runs.TryGetValue(id, out var run))
        {
            _runs.Add(id, run = new());
        }

        return run;
    }

    private sealed class NodeHold(Guid id, StreamId node, Guid runId, long amount)
    {
        public Guid Id { get; } = id;

        public StreamId Node { get; } = node;

        public Guid RunId { get; } = runId;

        public long Amount { get; } = amount;

        public bool Open { get; set; } = true;

        public long? Posted { get; set; }

        /// <summary>Of a hold on a user's limits: the campaign whose turn it is to pay.</summary>
        public string? Names { get; set; }

        /// <summary>Of a hold on a user's limits: the session whose run it is.</summary>
        public string? Owner { get; set; }
    }

    private sealed class Run
    {
        public RunEvent.Requested? Requested { get; private set; }

        public RunEvent.Concluded? Concluded { get; set; }

        public bool Refused { get; set; }

        /// <summary>Limits count what it costs, and no fund pays.</summary>
        public bool IsUnfunded => Requested is { Model.Charges: false };

        /// <summary>The sessions above its own.</summary>
        public IReadOnlyList<string> Above { get; private set; } = [];

        /// <summary>Under which funds were asked.</summary>
        public HashSet<Guid> Funds { get; private set; } = [];

        /// <summary>A run that was refused before anything was called keeps its key free, and may be requested again.</summary>
        public void Request(RunEvent.Requested e, IReadOnlyList<string> above) =>
            (Requested, Refused, Above, Funds) = (e, false, above, e.FundHold is { } fund ? [fund] : []);
    }
}
