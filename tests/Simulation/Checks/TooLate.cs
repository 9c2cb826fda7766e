using Agora.Core.Wallets;

namespace Agora.Simulation.Checks;

/// <summary>Whoever was told that something came too late relies on it for ever: it is not done after all, wherever it arrives and however slow a clock is there.</summary>
public sealed class TooLate(Findings findings) : IChecker
{
    private readonly HashSet<Guid> _transfers = [];

    public void Happened(Committed committed)
    {
        if (committed.Event is WalletEvent.Transferred e)
        {
            findings.Expect(!_transfers.Contains(e.TransferId), $"Transfer {e.TransferId} of {committed.Stream} is made, though its payer was told that it came too late (#{committed.Seq}).");
        }
    }

    public void Told(Guid transferId) => _transfers.Add(transferId);
}
