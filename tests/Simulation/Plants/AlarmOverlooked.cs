using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Whoever advances a clock overlooks what is due by then: it neither rings nor is counted as left, until the sweeper finds it.</summary>
public sealed class AlarmOverlooked : Plant
{
    public override string Name => "alarm-overlooked";

    public override bool IsWide => true;

    public override IJournal Between(IJournal journal, TaskScheduler process) => process is SimulatedSilo ? journal : new Overlooking(journal);

    private sealed class Overlooking(IJournal journal) : DelegatingJournal(journal)
    {
        public override Task<IReadOnlyList<Alarm>> AlarmsUnder(string prefix, long upToMicros, Alarm? after, int limit, CancellationToken cancel) => Task.FromResult<IReadOnlyList<Alarm>>([]);
    }
}
