using Agora.Journal.Memory;

namespace Agora.Simulation.Cluster;

/// <summary>What happens to calls of the journal. A commit always takes its time, so that there is something to be killed in.</summary>
public sealed class Weather(Random random, JournalRates rates)
{
    private const int FastMicros = 4_000;

    /// <summary>May be changed on the way: <see cref="JournalRates.None"/> is the calm of the liveness phase.</summary>
    public JournalRates Rates { get; set; } = rates;

    public JournalFault Next(JournalCall call) => new(Failure(call), Delay(call), Meets(Rates.Slow) ? UpTo(Rates.MaxDelay) : TimeSpan.Zero);

    private JournalFailure Failure(JournalCall call) =>
        Meets(Rates.Unavailable) ? JournalFailure.Unavailable
        : call is JournalCall.Append && Meets(Rates.LostBefore) ? JournalFailure.LostBefore
        : call is JournalCall.Append && Meets(Rates.LostAfter) ? JournalFailure.LostAfter
        : JournalFailure.None;

    private TimeSpan Delay(JournalCall call) =>
        Meets(Rates.Slow) ? UpTo(Rates.MaxDelay)
        : call is JournalCall.Append && Meets(Rates.Hang) ? UpTo(JournalRates.HangsFor)
        : call is JournalCall.Append ? TimeSpan.FromMicroseconds(random.Next(200, FastMicros))
        : TimeSpan.Zero;

    private TimeSpan UpTo(TimeSpan most) => TimeSpan.FromTicks(random.NextInt64(most.Ticks + 1));

    private bool Meets(double rate) => rate > 0 && random.NextDouble() < rate;
}
