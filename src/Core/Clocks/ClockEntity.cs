using Agora.Core.Kernel;

namespace Agora.Core.Clocks;

/// <summary>The clock of a tenant for tests; it stands in the tenant's generation 0, which has none.</summary>
public static class ClockEntity
{
    public const string Kind = Kinds.Clock;

    public static Entity<ClockState, ClockCommand, ClockEvent> Entity { get; } = new(Kind)
    {
        Events = ClockCodec.Events,
        Commands = ClockCodec.Commands,
        Answers = new UnionCodec<object>().Case<ClockView>("answer.clock"),
        Tables = [ClockTables.Clocks],
        Snapshots = new(1, ClockCodec.Save, ClockCodec.Restore),
        Initial = ClockState.Initial,
        Decide = ClockDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Recall = ClockDecider.Recall,
        Rows = static (state, _, at) => [ClockTables.Row(state, at)],
        Tick = new ClockCommand.Tick(),
    };
}
