using Agora.Core.Cached;
using Agora.Core.Kernel;
using Agora.Core.Services;

namespace Agora.Core.Runs;

/// <summary>
/// What a run leaves for equal requests: its output, when it is paid, or that there is none. Before that nobody else has it: whoever took its run back while the service answered would have had it for nothing.
/// <para>It is told once. Where that is lost, whoever waits sees that the run is over, and calls by itself.</para>
/// </summary>
internal static class Caching
{
    public static Step[] Output(Leaf leaf, PendingRun run, ServiceOutcome.Output output, long amountMicros) => run.Cache is not { } wish || output.Cached is not null ? []
        : output.Body.Length > Limits.CachedReplyBytes || (output.DefinedAt ?? wish.DefinedAt) != wish.DefinedAt ? Nothing(leaf, run)
        : [Tell(leaf, wish, new CachedCommand.Fill(run.RunId, amountMicros, new(output.Body)))];

    public static Step[] Nothing(Leaf leaf, PendingRun run) => run.Cache is { } wish ? [Tell(leaf, wish, new CachedCommand.Release(run.RunId))] : [];

    private static Step Tell(Leaf leaf, CacheWish wish, CachedCommand command) => new(Phase.AfterCommit, new StepTarget.Entity(new(leaf.Tenant, Kinds.Cached, wish.Id), command), static _ => null);
}
