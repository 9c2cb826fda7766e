using System.Collections.Immutable;
using System.Diagnostics;
using Agora.Core.Kernel;

namespace Agora.Core.Clocks;

/// <summary>
/// The clock of a tenant for tests, and its generation. Its own time is the world's. Invariants: <c>clock_in_bounds</c>, <c>few_resets</c>.
/// </summary>
/// <param name="Resets">Within the last day, oldest first.</param>
public sealed record ClockState(StreamId Stream, ClockView View, ImmutableArray<DateTimeOffset> Resets)
{
    public const string Id = "clock";

    public static ClockState Initial(StreamId stream) => new(stream, new(1, TimeSpan.Zero), []);

    public ClockState Evolve(ClockEvent happened, DateTimeOffset at) => happened switch
    {
        ClockEvent.Advanced e => this with { View = e.View },
        ClockEvent.GenerationBegun e => this with { View = e.View, Resets = [.. ResetsSince(at - Limits.ClockDay), at] },
        _ => throw new UnreachableException(),
    };

    public ImmutableArray<DateTimeOffset> ResetsSince(DateTimeOffset from) => Resets.RemoveAll(reset => reset <= from);

    public void CheckInvariants()
    {
        Invariant.Check(View.Generation > 0 && View.Offset >= TimeSpan.Zero && View.Offset <= Limits.ClockAheadMost, "clock_in_bounds");
        Invariant.Check(Resets.Length <= Limits.ResetsADay, "few_resets");
    }
}
