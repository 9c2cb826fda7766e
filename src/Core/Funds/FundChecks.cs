using Agora.Core.Kernel;

namespace Agora.Core.Funds;

/// <summary>What is true of every fund that was loaded: what it owes is owed to someone, and under way; and each hold says who earns by it.</summary>
internal static class FundChecks
{
    public static void Owed(IReadOnlyCollection<Payable> payables, long owedMicros, long sentMicros, long arrivedMicros)
    {
        Invariant.Check(owedMicros - arrivedMicros == payables.Sum(p => p.InTransitMicros), "in_transit_is_owed_or_in_flight");
        Invariant.Check(owedMicros - sentMicros == payables.Sum(p => p.OwedMicros), "in_transit_is_owed_or_in_flight");
        Invariant.Check(!payables.Any(p => p.CanSend), "owed_is_under_way");
        foreach (var payable in payables)
        {
            payable.CheckInvariants();
        }
    }

    public static void Payees(HoldBook holds) => Invariant.Check(holds.Open.Values.All(h => h.Payee is not null), "every_hold_has_a_provider");
}
