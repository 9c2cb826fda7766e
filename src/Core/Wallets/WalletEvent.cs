namespace Agora.Core.Wallets;

/// <summary>Closed union of what happens to a wallet.</summary>
public abstract record WalletEvent
{
    private WalletEvent()
    {
    }

    /// <summary>The <paramref name="Number"/>-th transfer of a source arrived.</summary>
    public sealed record Credited(string Source, long Number, long AmountMicros, string Memo) : WalletEvent;
}
