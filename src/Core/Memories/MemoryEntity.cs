using Agora.Core.Kernel;

namespace Agora.Core.Memories;

/// <summary>A book of memories: what an agent is to remember of its user, beyond one chat. How the user wants replies stands in a stream of its own, which has no pages.</summary>
public static class MemoryEntity
{
    public const string Kind = Kinds.Memory;

    public static Entity<MemoryState, MemoryCommand, MemoryEvent> Entity { get; } = new(Kind)
    {
        Events = MemoryCodec.Events,
        Commands = MemoryCodec.Commands,
        Answers = new UnionCodec<object>().Case<MemoryWritten>("answer.memory").Case<PreferencesWritten>("answer.preferences"),
        Snapshots = new(1, MemoryCodec.Save, MemoryCodec.Restore),
        Initial = MemoryState.Empty,
        Decide = static (state, command, _) => MemoryDecider.Decide(state, command),
        Evolve = static (state, happened, _) => state.Evolve(happened),
        CheckInvariants = static (state, _) => MemoryState.CheckInvariants(state),
        Rows = static (_, _, _) => [],
        Recall = MemoryDecider.Recall,
        PersonalKey = static state => state.PersonalKey,
        Tick = new MemoryCommand.Tick(),
    };
}
