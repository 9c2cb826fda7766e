using Agora.Journal;
using Agora.Testing;

namespace Agora.Simulation.Plants;

/// <summary>Alarms never reach the journal: what a crash leaves unfinished is taken up by nobody.</summary>
public sealed class HoldForgottenOnCrash : Plant
{
    public override string Name => "hold-forgotten-on-crash";

    public override IJournal Between(IJournal journal, TaskScheduler process) => new WithoutAlarms(journal);

    private sealed class WithoutAlarms(IJournal journal) : DelegatingJournal(journal)
    {
        public override Task<IReadOnlyList<AppendOutcome>> Append(IReadOnlyList<StreamAppend> batch, bool again, CancellationToken cancel) =>
            base.Append([.. batch.Select(append => append with { Alarm = null })], again, cancel);
    }
}
