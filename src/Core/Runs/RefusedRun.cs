using Agora.Core.Kernel;

namespace Agora.Core.Runs;

/// <summary>A run, or a payment to another wallet, that was refused before it began: which it would have been, and by what it was refused.</summary>
/// <param name="ServiceId">Empty: it would have paid <paramref name="Payee"/> and run nothing.</param>
/// <param name="Payee">Null: there is no such service.</param>
/// <param name="AskedMicros">What would have been held for it; null: there is no such service.</param>
public sealed record RefusedRun(string ServiceId, string? Payee, long? AskedMicros, Rejection Reason)
{
    /// <summary>Null for a request that was wrong in itself: that is no refusal of a run.</summary>
    internal static RefusedRun? Of(RunCommand.RunService c, Rejection reason) =>
        IsOfRun(reason) ? new(c.ServiceId, c.Service?.Provider, c.HeldMicros, reason) : null;

    internal static RefusedRun? Of(RunCommand.Transfer c, Rejection reason) => IsOfRun(reason) ? new("", c.To, c.AmountMicros, reason) : null;

    private static bool IsOfRun(Rejection reason) => reason.Code != Codes.ValidationFailed;
}
