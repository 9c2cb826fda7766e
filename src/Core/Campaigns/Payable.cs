using Agora.Core.Kernel;

namespace Agora.Core.Campaigns;

/// <summary>
/// What a campaign owes to one wallet, and what is on its way there. One transfer is under way at a time and their numbers have
/// no gap, so the wallet needs to remember only the last number to take each exactly once.
/// </summary>
/// <param name="LastNumber">Of the last transfer sent; 0: none yet.</param>
/// <param name="InFlight">The transfer under way, sent again until the wallet says that it has it.</param>
public sealed record Payable(long OwedMicros, long LastNumber, Transfer? InFlight)
{
    public static readonly Payable None = new(0, 0, null);

    public bool CanSend => InFlight is null && OwedMicros > 0;

    public long InTransitMicros => OwedMicros + (InFlight?.AmountMicros ?? 0);

    public Payable Owe(long amountMicros) => this with { OwedMicros = OwedMicros + amountMicros };

    public Payable Send(Transfer transfer)
    {
        Invariant.Check(InFlight is null && transfer.Number == LastNumber + 1, "one_transfer_in_flight");
        Invariant.Check(transfer.AmountMicros == OwedMicros && OwedMicros > 0, "all_that_is_owed_is_sent");
        return new(0, transfer.Number, transfer);
    }

    public Payable Arrive(long number)
    {
        Invariant.Check(InFlight?.Number == number, "arrived_was_in_flight");
        return this with { InFlight = null };
    }
}

public sealed record Transfer(long Number, long AmountMicros, string Memo);
