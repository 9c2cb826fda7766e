using Agora.Core.Kernel;

namespace Agora.Core.Upstreams;

/// <summary>A server of tools that agents run as services. One that is followed has steps that go on as long as it lives; whoever starts processes wakes them all.</summary>
public static class UpstreamEntity
{
    public const string Kind = Kinds.Upstream;

    public static Entity<UpstreamState, UpstreamCommand, UpstreamEvent> Entity { get; } = new(Kind)
    {
        Events = UpstreamCodec.Events,
        Commands = UpstreamCodec.Commands,
        Answers = new UnionCodec<object>()
            .Case<UpstreamView>("answer.upstream")
            .Case<UpstreamDeleted>("answer.upstream_deleted")
            .Case<UpstreamTools>("answer.upstream_tools")
            .Case<UpstreamTool>("answer.upstream_tool")
            .Case<UpstreamAccess>("answer.upstream_access"),
        Tables = [UpstreamTables.Upstreams],
        Snapshots = new(1, UpstreamCodec.Save, UpstreamCodec.Restore),
        Initial = UpstreamState.Initial,
        Decide = UpstreamDecider.Decide,
        Evolve = static (state, happened, at) => state.Evolve(happened, at),
        CheckInvariants = static (state, _) => state.CheckInvariants(),
        Unfinished = UpstreamDecider.Unfinished,
        IsUnfinished = UpstreamDecider.IsUnfinished,
        Ongoing = UpstreamDecider.Ongoing,
        Recall = UpstreamDecider.Recall,
        Rows = static (state, happened, _) => UpstreamTables.Rows(state, happened),
        PersonalKey = static state => $"upstream/{state.Stream.Tenant}/{state.Stream.Id}",
        Tick = new UpstreamCommand.Tick(),
    };
}
