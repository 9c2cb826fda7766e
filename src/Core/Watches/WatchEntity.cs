using Agora.Core.Kernel;

namespace Agora.Core.Watches;

/// <summary>A dialogue of models that people watch, and step into.</summary>
public static class WatchEntity
{
    public const string Kind = Kinds.Watch;

    public static Entity<WatchState, WatchCommand, WatchEvent> Entity { get; } = new(Kind)
    {
        Events = WatchCodec.Events,
        Commands = WatchCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<WatchView>("answer.watch")
            .Case<Intervened>("answer.watch_intervened"),
        Tables = [WatchTables.Watches],
        Snapshots = new(1, WatchCodec.Save, WatchCodec.Restore),
        Initial = static stream => new WatchState(stream),
        Decide = WatchDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, thorough) => state.CheckInvariants(thorough),
        Recall = WatchDecider.Recall,
        Rows = WatchTables.Rows,
        PersonalKey = static state => state.PersonalKey,
        Tick = new WatchCommand.Tick(),
    };
}
