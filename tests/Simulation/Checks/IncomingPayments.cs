using Agora.Core.Runs;
using Agora.Core.Wallets;
using Agora.X402;

namespace Agora.Simulation.Checks;

/// <summary>
/// Payments by x402, against the contract outside. The facilitator is asked to settle only what a session has the output for, and after the
/// wallet's intent is durable; what a wallet books has moved, once; a run is delivered only for a payment that has moved, and each
/// payment delivers one run; no two that stand have the same identifier. At rest what has moved, what has entered and what was delivered are the same, but for what became unresolved:
/// that delivers nothing, and enters when an operator has said that it has moved, once.
/// </summary>
public sealed class IncomingPayments(Findings findings) : IChecker
{
    private readonly SortedDictionary<string, long> _moved = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _entered = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Guid> _delivered = new(StringComparer.Ordinal);
    private readonly Dictionary<Guid, (string Identity, Guid RunId)> _presented = [];
    private readonly Dictionary<Guid, string> _paying = [];
    private readonly HashSet<string> _intended = new(StringComparer.Ordinal);
    private readonly HashSet<Guid> _haveOutput = [];
    private readonly Dictionary<string, Guid> _pays = new(StringComparer.Ordinal);

    private readonly SortedSet<string> _everUnresolved = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _unresolved = new(StringComparer.Ordinal);
    private readonly List<(string Wallet, Guid HoldId, string Identity)> _begun = [];

    private readonly Dictionary<(string Wallet, string Identifier), Guid> _identified = [];
    private readonly List<Guid> _settled = [];

    public int Delivered => _delivered.Count;

    /// <summary>Payments whose settlement was begun, oldest first.</summary>
    public IReadOnlyList<(string Wallet, Guid HoldId, string Identity)> Begun => _begun;

    /// <summary>How many operators have said the end of.</summary>
    public int ByHand { get; private set; }

    public bool HasMoved(PaymentIdentity identity) => HasMoved(identity.ToString());

    public bool HasMoved(string identity) => _moved.ContainsKey(identity);

    public bool IsUnresolved(string identity) => _unresolved.Contains(identity);

    /// <summary>False: the contract has seen the nonce.</summary>
    public bool Move(PaymentIdentity identity, long amount) => _moved.TryAdd(identity.ToString(), amount);

    public void Asked(PaymentIdentity identity)
    {
        var name = identity.ToString();
        findings.Expect(_intended.Contains(name), $"The facilitator was asked to settle {name} before that was durable.");
        findings.Expect(_pays.TryGetValue(name, out var run) && _haveOutput.Contains(run), $"The facilitator was asked to settle {name} for a run without output.");
    }

    public void Happened(Committed committed)
    {
        switch (committed.Event)
        {
            case WalletEvent.PaymentPresented e when e.Payment.Payment.PaymentId is { } id && !_identified.TryAdd((committed.Stream.Id, id), e.HoldId):
                findings.Add($"Wallet {committed.Stream.Id} holds two payments under the identifier {id}.");
                break;
            case WalletEvent.PaymentPresented e:
                _presented[e.HoldId] = (e.Payment.Identity.ToString(), e.RunId);
                _pays[e.Payment.Identity.ToString()] = e.RunId;
                _paying[e.RunId] = e.Payment.Identity.ToString();
                break;
            case WalletEvent.SettlementBegun e:
                if (_intended.Add(_presented[e.HoldId].Identity) || !_begun.Exists(b => b.HoldId == e.HoldId))
                {
                    _begun.Add((committed.Stream.Id, e.HoldId, _presented[e.HoldId].Identity));
                }

                break;
            case WalletEvent.PaymentSettled e:
                Enter(_presented[e.HoldId].Identity, e.AmountMicros);
                ByHand += e.ByHand ? 1 : 0;
                break;
            case WalletEvent.PaymentUnresolved e:
                _unresolved.Add(_presented[e.HoldId].Identity);
                _everUnresolved.Add(_presented[e.HoldId].Identity);
                break;
            case WalletEvent.Deposited { Resolves: { } hold } e:
                Resolve(hold);
                Enter(_presented[hold].Identity, e.AmountMicros);
                break;
            case WalletEvent.HoldVoided { Resolves: { } hold }:
                Resolve(hold);
                Release(hold);
                findings.Expect(!_moved.ContainsKey(_presented[hold].Identity), $"{_presented[hold].Identity} has moved, and an operator's word that it has not counts.");
                break;
            case WalletEvent.HoldVoided e:
                Release(e.HoldId);
                break;
            case WalletEvent.PaymentRefused e:
                Release(e.HoldId);
                findings.Expect(!_moved.ContainsKey(_presented[e.HoldId].Identity), $"{_presented[e.HoldId].Identity} has moved and counts as refused.");
                break;
            case RunEvent.SettlementBegun e:
                _haveOutput.Add(e.RunId);
                break;
            case RunEvent.Concluded { Posted: true, Payment.Source: "x402" } e:
                _settled.Add(e.RunId);
                break;
        }
    }

    private void Enter(string identity, long amount)
    {
        findings.Expect(_moved.GetValueOrDefault(identity) == amount, $"{amount} entered for {identity}, of which {_moved.GetValueOrDefault(identity)} has moved.");
        findings.Expect(_entered.TryAdd(identity, amount), $"{identity} entered twice.");
    }

    private void Resolve(Guid hold)
    {
        ByHand++;
        findings.Expect(_unresolved.Remove(_presented[hold].Identity), $"{_presented[hold].Identity} was settled by hand though its end was known.");
    }

    /// <summary>What came to nothing is as if it had not been presented.</summary>
    private void Release(Guid hold)
    {
        foreach (var (identified, _) in _identified.Where(i => i.Value == hold).ToList())
        {
            _identified.Remove(identified);
        }
    }

    /// <summary>A session's row and its wallet's are seen in any order, and together only here.</summary>
    public void Point()
    {
        foreach (var run in _settled)
        {
            var identity = _paying[run];
            findings.Expect(_entered.ContainsKey(identity), $"Run {run} was delivered for {identity}, which has not entered.");
            findings.Expect(_delivered.TryAdd(identity, run), $"{identity} delivered runs {_delivered.GetValueOrDefault(identity)} and {run}.");
        }

        _settled.Clear();
    }

    public void Rest()
    {
        var known = _moved.Where(p => !_unresolved.Contains(p.Key)).ToList();
        findings.Expect(known.SequenceEqual(_entered), $"Payments {string.Join(", ", known.Except(_entered).Concat(_entered.Except(known)).Select(p => p.Key))} have moved or entered, but not both.");
        var paid = _moved.Keys.Where(p => !_everUnresolved.Contains(p)).ToList();
        findings.Expect(paid.SequenceEqual(_delivered.Keys), $"Payments {string.Join(", ", paid.Except(_delivered.Keys).Concat(_delivered.Keys.Except(paid)))} have moved and delivered nothing, or the reverse.");
    }
}
