namespace Agora.Core.Wallets;

/// <summary>Closed union; answers: Credit → <see cref="Credited"/>; Get → <see cref="WalletView"/>. A wallet comes into being at first use.</summary>
public abstract record WalletCommand
{
    private WalletCommand()
    {
    }

    /// <summary>
    /// Money arrives. Each source numbers its transfers to this wallet 1, 2, 3 … and has one under way at a time, so that
    /// keeping the last number of each source applies each transfer exactly once, for ever, in bounded memory: a number
    /// ≤ the last is answered again and changes nothing; a gap is a broken invariant.
    /// </summary>
    /// <param name="Source">Stream id of the sender.</param>
    public sealed record Credit(string Source, long Number, long AmountMicros, string Memo) : WalletCommand;

    public sealed record Get : WalletCommand;

    public sealed record Tick : WalletCommand;
}

public sealed record Credited(string Source, long Number);

public sealed record WalletView(string WalletId, long BalanceMicros, long CreditedMicros);
