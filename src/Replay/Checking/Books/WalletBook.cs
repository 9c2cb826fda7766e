using Agora.Core.Wallets;

namespace Agora.Replay.Checking.Books;

/// <summary>
/// A wallet has at least what it holds, tells its balance as it is, pays no more of a hold than that holds, and sends no more than it paid.
/// </summary>
public sealed class WalletBook(string id, Action<string> broken) : Book(broken)
{
    private readonly Dictionary<Guid, long> _holds = [];
    private long _own;
    private long _held;
    private long _paid;
    private long _sent;

    /// <summary>What the world brought.</summary>
    public long EnteredMicros { get; private set; }

    public long LeftMicros { get; private set; }

    public long SentMicros => _sent;

    public long ReceivedMicros { get; private set; }

    /// <summary>Null: nothing is held.</summary>
    public Guid? Holds => _holds.Count == 0 ? null : _holds.Keys.First();

    public override void Happened(Committed committed)
    {
        if (committed.Event is not WalletEvent happened) return;

        Apply(happened);
        Expect(_own >= _held, $"Wallet {id} has {_own} and holds {_held}.");
    }

    private void Apply(WalletEvent happened)
    {
        switch (happened)
        {
            case WalletEvent.Deposited e:
                Enter(e.AmountMicros);
                Tells(e.View);
                break;
            case WalletEvent.Withdrawn e:
                LeftMicros += e.AmountMicros;
                _own -= e.AmountMicros;
                Tells(e.View);
                break;
            case WalletEvent.Transferred e:
                Pay(e.AmountMicros);
                break;
            case WalletEvent.HoldReserved e:
                Hold(e.HoldId, e.AmountMicros);
                break;
            case WalletEvent.HoldPosted e:
                var held = Release(e.HoldId);
                Expect(e.AmountMicros <= held, $"Wallet {id} paid {e.AmountMicros} of a hold of {held}.");
                Pay(e.AmountMicros);
                break;
            case WalletEvent.HoldVoided e:
                Release(e.HoldId);
                break;
            case WalletEvent.PaymentPresented e:
                Hold(e.HoldId, 0);
                break;
            case WalletEvent.PaymentSettled e:
                Enter(e.AmountMicros);
                Hold(e.HoldId, e.AmountMicros);
                break;
            case WalletEvent.PaymentRefused e:
                Release(e.HoldId);
                break;
            case WalletEvent.PaymentUnresolved e:
                Release(e.HoldId);
                break;
            case WalletEvent.CreditSent e:
                _sent += e.AmountMicros;
                Expect(_sent <= _paid, $"Wallet {id} sent {_sent} and paid {_paid}.");
                break;
            case WalletEvent.Credited e:
                ReceivedMicros += e.AmountMicros;
                _own += e.AmountMicros;
                break;
        }
    }

    private void Enter(long amount)
    {
        EnteredMicros += amount;
        _own += amount;
    }

    private void Pay(long amount)
    {
        _own -= amount;
        _paid += amount;
    }

    private void Hold(Guid hold, long amount)
    {
        Release(hold);
        _holds[hold] = amount;
        _held += amount;
    }

    /// <returns>What it held; −1: there is no such hold.</returns>
    private long Release(Guid hold)
    {
        if (!_holds.Remove(hold, out var held)) return -1;

        _held -= held;
        return held;
    }

    private void Tells(WalletView view) => Expect(view.BalanceMicros == _own, $"Wallet {id} tells a balance of {view.BalanceMicros}; it is {_own}.");
}
